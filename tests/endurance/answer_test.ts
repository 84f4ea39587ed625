import { describe, test } from "node:test";
import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { Answer } from "../../scripts/endurance/answer.ts";

/** What has come of an answer, byte by byte, to a request of this kind. */
function read(text: string, method = "GET", version = "1.1"): Answer {
  const answer = new Answer(method, version);
  for (const byte of Buffer.from(text)) answer.push(Buffer.from([byte]));
  return answer;
}

const ok = "HTTP/1.1 200 OK\r\n";

describe("an answer is whole", () => {
  for (
    const [what, text, method] of [
      ["with its length", `${ok}Content-Length: 3\r\n\r\nabc`, "GET"],
      ["with no body", `${ok}Content-Length: 0\r\n\r\n`, "GET"],
      [
        "with its last chunk",
        `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
        "GET",
      ],
      ["to HEAD, without a body", `${ok}Content-Length: 3\r\n\r\n`, "HEAD"],
      ["after 100 Continue", `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 1\r\n\r\na`, "GET"],
    ] as const
  ) {
    test(what, () => {
      const { complete, status, reusable } = read(text, method);
      assertEquals([complete, status, reusable], [true, 200, true]);
      // Of all but the head of what has no body, the last byte matters.
      if (!text.endsWith("\r\n\r\n") || text.includes("chunked")) {
        assertEquals(read(text.slice(0, -1), method).complete, false);
      }
    });
  }

  test("at the end of the connection, where it has no length", () => {
    const answer = read(`${ok}\r\nabc`);
    assertEquals(answer.complete, false);
    answer.end();
    assertEquals([answer.complete, answer.reusable], [true, false]);
  });
});

test("an answer that is cut off is not whole", () => {
  const answer = read(`${ok}Content-Length: 3\r\n\r\nab`);
  answer.end();
  assertEquals(answer.complete, false);
});

test("a connection is kept as RFC 9112 §9.3 says", () => {
  const empty = "Content-Length: 0\r\n";
  assertEquals(read(`${ok}${empty}\r\n`).reusable, true);
  assertEquals(read(`${ok}${empty}Connection: close\r\n\r\n`).reusable, false);
  assertEquals(read(`${ok}${empty}\r\n`, "GET", "1.0").reusable, false);
  assertEquals(read(`${ok}${empty}Connection: keep-alive\r\n\r\n`, "GET", "1.0").reusable, true);
});

test("what follows an upgrade is kept", () => {
  const { complete, rest } = read("HTTP/1.1 101 Switching Protocols\r\n\r\nframe");
  assertEquals([complete, rest.toString()], [true, "frame"]);
});
