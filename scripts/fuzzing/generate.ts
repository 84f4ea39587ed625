import type { Random } from "../endurance/random.ts";

type Weighted = readonly (readonly [weight: number, value: string])[];

const methods: Weighted = [
  [20, "GET"],
  [10, "POST"],
  [3, "HEAD"],
  [3, "PUT"],
  [2, "OPTIONS"],
  [1, "DELETE"],
  [1, "TRACE"],
  [1, "CONNECT"],
  [1, "get"],
  [1, "QUERY"],
  [1, "G T"],
  [1, ""],
];

const targets: Weighted = [
  [15, "/"],
  [5, "/echo?x=1&y=%20"],
  [3, "/ready"],
  [2, "/metrics"],
  [2, "/alive/"],
  [2, "//ready"],
  [2, "/./ready"],
  [2, "/a/../ready"],
  [2, "/%72eady"],
  [2, "/ready?x"],
  [2, "/ready#x"],
  [2, "/ready;x"],
  [2, "http://localhost/ready"],
  [2, "http://other.invalid:8080/x?y"],
  [1, "https://[::1]/x"],
  [1, "*"],
  [1, "localhost:80"],
  [1, "ready"],
  [1, "?x"],
  [1, "/%"],
  [1, "/%zz"],
  [1, "/a b"],
  [1, "/\t"],
  [1, "/ä"],
  [1, "/%00"],
];

const versions: Weighted = [
  [40, "HTTP/1.1"],
  [6, "HTTP/1.0"],
  [1, "HTTP/2.0"],
  [1, "HTTP/0.9"],
  [1, "HTTP/1.2"],
  [1, "http/1.1"],
  [1, "HTTP/1"],
  [1, ""],
];

const hosts: Weighted = [
  [30, "localhost"],
  [4, "localhost:8080"],
  [3, "[::1]:80"],
  [2, ""],
  [2, "a/b"],
  [2, "a?b"],
  [2, "a#b"],
  [2, "user@host"],
  [1, "host:port"],
  [1, "a b"],
  [1, "ä"],
  [1, "%61"],
  [1, "a:1:2"],
  [1, "[::1"],
];

const lengths: Weighted = [
  [10, "0"],
  [10, "3"],
  [3, "03"],
  [3, "+3"],
  [3, "-1"],
  [3, "3, 3"],
  [3, "3, 4"],
  [3, "3.0"],
  [3, "0x3"],
  [3, "3 "],
  [2, "3;"],
  [2, ""],
  [2, "99"],
  [2, "18446744073709551619"],
  [2, "1e1"],
];

const codings: Weighted = [
  [10, "chunked"],
  [2, "Chunked"],
  [2, "gzip, chunked"],
  [2, "chunked, gzip"],
  [2, "identity"],
  [2, "chunked, chunked"],
  [2, " chunked"],
  [1, "xchunked"],
  [1, ""],
];

const chunks: Weighted = [
  [10, "3\r\nabc\r\n0\r\n\r\n"],
  [2, "3;x=y\r\nabc\r\n0\r\n\r\n"],
  [2, "03\r\nabc\r\n0\r\n\r\n"],
  [2, "3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n"],
  [2, "3 \r\nabc\r\n0\r\n\r\n"],
  [2, "-3\r\nabc\r\n0\r\n\r\n"],
  [2, "g\r\nabc\r\n0\r\n\r\n"],
  [2, "3\r\nabcd\r\n0\r\n\r\n"],
  [2, "3\nabc\n0\n\n"],
  [2, "ffffffffff\r\nabc"],
  [2, "0\r\n\r\n"],
  [2, "3\r\nab"],
];

const others: Weighted = [
  [6, "Connection: close"],
  [4, "Connection: keep-alive"],
  [2, "Connection: upgrade\r\nUpgrade: websocket"],
  [
    2,
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ],
  [2, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk"],
  [2, "Expect: 100-continue"],
  [1, "Expect: x"],
  [2, "Range: bytes=0-1"],
  [1, "Range: bytes=9-1,x"],
  [2, "X-Forwarded-For: 1.2.3.4"],
  [2, "traceparent: 00-00000000000000000000000000000001-0000000000000001-01"],
  [2, "Accept: application/json"],
  [2, "X-Empty:"],
  [1, "X-Folded: a\r\n b"],
  [1, "No-Colon"],
  [1, ": no name"],
  [1, "Space : x"],
  [1, "X-Nul: a\0b"],
  [1, "X-Bare: a\rb"],
  [1, "X-Latin: \u00e4"],
  [1, "Host: second"],
  [1, "__proto__: x"],
  [1, "constructor: x"],
];

/** A raw request, as bytes in a string (Latin-1). */
export function generate(random: Random): string {
  const parts = [`${pick(random, methods)} ${pick(random, targets)} ${pick(random, versions)}`];
  if (!random.chance(0.04)) parts.push(`Host: ${pick(random, hosts)}`);
  let body = "";
  if (random.chance(0.35)) {
    parts.push(`Content-Length: ${pick(random, lengths)}`);
    body = "abc";
    if (random.chance(0.1)) parts.push(`Content-Length: ${pick(random, lengths)}`);
  }
  if (random.chance(0.2)) {
    parts.push(`Transfer-Encoding: ${pick(random, codings)}`);
    body = pick(random, chunks);
  }
  for (let more = random.whole(0, 3); more > 0; more--) parts.push(pick(random, others));
  if (random.chance(0.01)) parts.push(`X-Long: ${"x".repeat(random.whole(1000, 30_000))}`);
  if (random.chance(0.005)) {
    for (let index = 0; index < 300; index++) parts.push(`X-${index}: ${index}`);
  }
  const end = random.chance(0.02) ? "\n" : "\r\n";
  const text = parts.join(end) + end + end + body;
  const mutated = random.chance(0.25) ? mutate(random, text) : text;
  return random.chance(0.05) ? mutated + generate(random) : mutated;
}

/** Changes, drops, doubles or adds a byte, or cuts the rest off. */
function mutate(random: Random, text: string): string {
  const at = random.whole(0, text.length - 1);
  const byte = String.fromCharCode(random.whole(0, 255));
  switch (random.whole(0, 4)) {
    case 0:
      return text.slice(0, at) + byte + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text[at] + text.slice(at);
    case 3:
      return text.slice(0, at) + byte + text.slice(at);
    default:
      return text.slice(0, at);
  }
}

function pick(random: Random, from: Weighted): string {
  const sum = from.reduce((sum, [weight]) => sum + weight, 0);
  let left = random.next() * sum;
  for (const [weight, value] of from) {
    left -= weight;
    if (left < 0) return value;
  }
  return from[0]![1];
}
