import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { parseNetwork, TrustedProxies } from "../../src/app/trusted_proxies.ts";

const proxies = new TrustedProxies(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]);
const saying = (headers: Record<string, string>) => (name: string) => headers[name] ?? null;

describe("the client, as trusted proxies tell", () => {
  const cases: Record<string, [peer: string, headers: Record<string, string>, client: string]> = {
    "is the peer where that is none of them": [
      "8.8.8.8",
      { "x-forwarded-for": "6.6.6.6" },
      "8.8.8.8",
    ],
    "is the peer where nothing is told": ["10.0.0.1", {}, "10.0.0.1"],
    "is the first from the right that is no proxy": [
      "10.0.0.1",
      { "x-forwarded-for": "6.6.6.6, 1.2.3.4, 192.0.2.7,10.9.9.9" },
      "1.2.3.4",
    ],
    "is the leftmost where all are proxies": ["10.0.0.1", {
      "x-forwarded-for": "10.0.0.3, 10.0.0.2",
    }, "10.0.0.3"],
    "may have a port": ["10.0.0.1", { "x-forwarded-for": "1.2.3.4:4711" }, "1.2.3.4"],
    "may be of IPv6": ["fd12::1", { "x-forwarded-for": "2001:db8::7" }, "2001:db8::7"],
    "may be of IPv6, with a port": [
      "fd12::1",
      { "x-forwarded-for": "[2001:db8::7]:80" },
      "2001:db8::7",
    ],
    "is of IPv4 on a socket of IPv6": [
      "::ffff:10.0.0.1",
      { "x-forwarded-for": "::ffff:1.2.3.4" },
      "1.2.3.4",
    ],
    "is not who hides": [
      "10.0.0.1",
      { "x-forwarded-for": "6.6.6.6, unknown, 10.0.0.2" },
      "10.0.0.2",
    ],
    "is not what is no address": ["10.0.0.1", { "x-forwarded-for": "<script>" }, "10.0.0.1"],
    "is not what is empty": ["10.0.0.1", { "x-forwarded-for": "1.2.3.4, ," }, "1.2.3.4"],
    "is told by Forwarded": [
      "10.0.0.1",
      { forwarded: 'for=6.6.6.6, For="[2001:db8::1]:4711";proto=https;by="a,b", for=10.0.0.2' },
      "2001:db8::1",
    ],
    "hides in Forwarded": ["10.0.0.1", { forwarded: "for=6.6.6.6, for=_secret" }, "10.0.0.1"],
    "is told by X-Forwarded-For before Forwarded": [
      "10.0.0.1",
      { "x-forwarded-for": "1.2.3.4", forwarded: "for=6.6.6.6" },
      "1.2.3.4",
    ],
  };
  for (const [name, [peer, headers, client]] of Object.entries(cases)) {
    test(name, () => assertEquals(proxies.clientOf(peer, saying(headers)), client));
  }

  test("speaks the protocol that the nearest proxy tells", () => {
    const protocol = (peer: string, headers: Record<string, string>) =>
      proxies.protocolOf(peer, saying(headers), "http");
    assertEquals(protocol("10.0.0.1", { "x-forwarded-proto": "https" }), "https");
    assertEquals(protocol("10.0.0.1", { forwarded: "for=1.2.3.4;proto=HTTPS" }), "https");
    assertEquals(protocol("10.0.0.1", { "x-forwarded-proto": "gopher" }), "http");
    assertEquals(protocol("8.8.8.8", { "x-forwarded-proto": "https" }), "http");
  });
});

test("a network is an address, with a prefix that it can have", () => {
  assertEquals(parseNetwork("10.0.0.0/8"), { address: "10.0.0.0", prefix: 8, family: "ipv4" });
  assertEquals(parseNetwork("::1"), { address: "::1", prefix: 128, family: "ipv6" });
  for (
    const wrong of ["", "10.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "a/8", "10.0.0.0/8/8"]
  ) {
    assertEquals(parseNetwork(wrong), undefined, wrong);
  }
});
