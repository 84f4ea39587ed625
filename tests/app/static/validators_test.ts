import { describe, test } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import {
  rangeMayBeSent,
  unmetCondition,
  type Validators,
  validatorsOf,
} from "../../../src/app/static/validators.ts";

const modified = Date.parse("Sun, 09 Sep 2001 01:46:40 GMT");
const file: Validators = validatorsOf({ size: 10, modified });
const { etag } = file;
const [before, same, after] = [
  "Sun, 09 Sep 2001 01:46:39 GMT",
  "Sun, 09 Sep 2001 01:46:40 GMT",
  "Sun, 09 Sep 2001 01:46:41 GMT",
];

describe("validators", () => {
  test("are a strong tag and the date of the last change", () => {
    assertEquals(file, { etag: '"a-e8d4a51000"', lastModified: same });
  });

  test("change with the size and with a millisecond", () => {
    assertNotEquals(validatorsOf({ size: 11, modified }).etag, etag);
    assertNotEquals(validatorsOf({ size: 10, modified: modified + 1 }).etag, etag);
    assertEquals(validatorsOf({ size: 10, modified: modified + 0.5 }).etag, etag);
  });

  test("have no date that is yet to come", () => {
    const { lastModified } = validatorsOf({ size: 1, modified: modified + 1e6 }, modified);
    assertEquals(lastModified, same);
  });
});

describe("a condition", () => {
  const conditions: Array<[headers: Record<string, string>, status: 304 | 412 | undefined]> = [
    [{}, undefined],
    [{ "if-none-match": etag }, 304],
    [{ "if-none-match": `W/${etag}` }, 304],
    [{ "if-none-match": `"x", ${etag}` }, 304],
    [{ "if-none-match": `"x",W/${etag} , "y"` }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": '"x"' }, undefined],
    [{ "if-none-match": etag.replaceAll('"', "") }, undefined],
    [{ "if-none-match": `"x${etag.slice(1)}` }, undefined],
    [{ "if-none-match": "" }, undefined],
    [{ "if-modified-since": same }, 304],
    [{ "if-modified-since": after }, 304],
    [{ "if-modified-since": before }, undefined],
    [{ "if-modified-since": "Sunday, 09-Sep-01 01:46:40 GMT" }, 304],
    [{ "if-modified-since": "Sun Sep  9 01:46:40 2001" }, 304],
    [{ "if-modified-since": "Sun Sep  9 01:46:39 2001" }, undefined],
    [{ "if-modified-since": "2030-01-01" }, undefined],
    [{ "if-modified-since": "nonsense" }, undefined],
    [{ "if-modified-since": "9999999999999" }, undefined],
    // The tag is the better witness.
    [{ "if-none-match": '"x"', "if-modified-since": after }, undefined],
    [{ "if-none-match": etag, "if-modified-since": before }, 304],
    [{ "if-match": etag }, undefined],
    [{ "if-match": "*" }, undefined],
    [{ "if-match": `"x", ${etag}` }, undefined],
    [{ "if-match": `W/${etag}` }, 412],
    [{ "if-match": '"x"' }, 412],
    [{ "if-unmodified-since": same }, undefined],
    [{ "if-unmodified-since": before }, 412],
    [{ "if-unmodified-since": "nonsense" }, undefined],
    [{ "if-match": etag, "if-unmodified-since": before }, undefined],
    [{ "if-match": etag, "if-none-match": etag }, 304],
    [{ "if-match": '"x"', "if-none-match": etag }, 412],
  ];
  for (const [headers, status] of conditions) {
    test(`${JSON.stringify(headers)} asks for ${status ?? "the file"}`, () => {
      assertEquals(unmetCondition(new Headers(headers), file), status);
    });
  }
});

describe("If-Range", () => {
  const now = modified + 60_000;
  const headers: Array<[value: string | undefined, now: number, sent: boolean]> = [
    [undefined, now, true],
    [etag, now, true],
    ['"x"', now, false],
    [`W/${etag}`, now, false],
    [same, now, true],
    [before, now, false],
    [after, now, false],
    ["nonsense", now, false],
    [same, modified + 999, false],
    [same, modified + 1000, true],
  ];
  for (const [value, at, sent] of headers) {
    test(`${value}, ${at - modified} ms after the change, ${sent ? "lets" : "keeps"} a part be sent`, () => {
      const given = new Headers(value === undefined ? {} : { "if-range": value });
      assertEquals(rangeMayBeSent(given, file, at), sent);
    });
  }
});
