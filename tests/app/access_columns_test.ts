import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { AccessColumns } from "../../src/app/access_columns.ts";

function columns(accessLogFields: string, ...trustedProxy: string[]): AccessColumns {
  return new AccessColumns({ accessLogFields, trustedProxy, pretty: false, scheme: "https" });
}

const headers = new Map([["x-forwarded-for", "192.0.2.7"], ["x-forwarded-proto", "http"]]);
const header = (name: string): string | undefined => headers.get(name);

describe("the fields of the access log", () => {
  test("ask who has opened the connection where one of them follows from that, and only there", () => {
    assertEquals(
      [
        columns("method,path,status,duration"),
        columns("method,path,status,duration,client"),
        columns("protocol,host"),
        columns("protocol", "10.0.0.0/8"),
      ].map(({ wantsPeer }) => wantsPeer),
      [false, true, false, true],
    );
    assertEquals(columns("protocol,path").callerOf(undefined, header), ',"protocol":"https"');
    assertEquals(columns("path").callerOf(undefined, header), "");
    assertEquals(
      columns("client,protocol", "10.0.0.0/8").callerOf("10.0.0.1", header),
      ',"client":"192.0.2.7","protocol":"http"',
    );
  });
});
