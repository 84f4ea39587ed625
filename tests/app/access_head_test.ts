import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { parseAccessLogFields } from "../../src/app/access_fields.ts";
import { AccessHead } from "../../src/app/access_head.ts";

function head(names: string, ...trustedProxy: string[]): AccessHead {
  const fields = parseAccessLogFields(names);
  return new AccessHead({ fields, trustedProxy, pretty: false, scheme: "https" });
}

const headers = new Map([["x-forwarded-for", "192.0.2.7"], ["x-forwarded-proto", "http"]]);
const header = (name: string): string | undefined => headers.get(name);

describe("the fields of the access log that follow from the head of a request", () => {
  test("ask who has opened the connection where one of them follows from that, and only there", () => {
    assertEquals(
      [
        head("method,path,status,duration"),
        head("method,path,status,duration,client"),
        head("protocol,host"),
        head("protocol", "10.0.0.0/8"),
      ].map(({ wantsPeer }) => wantsPeer),
      [false, true, false, true],
    );
    assertEquals(head("protocol,path").callerOf(undefined, header), ',"protocol":"https"');
    assertEquals(head("path").callerOf(undefined, header), "");
    assertEquals(
      head("client,protocol", "10.0.0.0/8").callerOf("10.0.0.1", header),
      ',"client":"192.0.2.7","protocol":"http"',
    );
  });
});
