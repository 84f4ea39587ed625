import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { contentLength, isHost, pathOf, targetOf } from "../src/request_head.ts";

describe("isHost", () => {
  const hosts = [
    ...[
      "example.org",
      "a:80",
      "a:",
      "",
      "127.0.0.1:8080",
      "a_b",
      "a..b",
      "a;b=c",
      "a%2fb",
      "xn--a",
    ],
    ...["[::1]", "[::1]:80", "[2001:db8::192.0.2.1]:", "[v1.x]:1"],
  ];
  for (const host of hosts) {
    test(`"${host}" is one`, () => assert(isHost(host)));
  }

  const none = [
    ...[
      "a/ready",
      "a?b",
      "a#b",
      "a\\b",
      "user@a",
      "a b",
      " ",
      "a:b",
      "a:80:80",
      "::1",
      "%zz",
      "a%2",
    ],
    ...[
      "[::1",
      "[::1]x",
      "[::1]:x",
      "[:::]",
      "[::1]:80/ready",
      "[v1]",
      "a|b",
      'a"b',
      "<a>",
      "é",
      "a\n",
    ],
  ];
  for (const host of none) {
    test(`${JSON.stringify(host)} is none`, () => assertFalse(isHost(host)));
  }

  test("what is one never chooses where the path begins", () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(..."a1.:[]/?#@%\\ f-_v"), maxLength: 12 }),
      fc.webAuthority({ withIPv4: true, withIPv6: true, withPort: true }),
    );
    fc.assert(fc.property(texts, fc.webPath(), (host, path) => {
      // Of an empty one no URL is made.
      if (host === "" || !isHost(host)) return;
      const target = path.startsWith("/") ? path : `/${path}`;
      assertEquals(targetOf(`http://${host}${target}`), target);
      const url = `http://${host}${target}`;
      if (!URL.canParse(url)) return;
      const { pathname, username } = new URL(url);
      const { pathname: meant } = new URL(`http://x${target}`);
      assertEquals([pathname, username], [meant, ""]);
    }));
  });

  test("every authority that a URL may have is one", () => {
    const authorities = fc.webAuthority({ withIPv4: true, withIPv6: true, withPort: true });
    fc.assert(fc.property(authorities, (authority) => assert(isHost(authority), authority)));
  });
});

describe("contentLength", () => {
  const lengths: Record<string, number | undefined> = {
    "0": 0,
    "300": 300,
    "3, 3": 3,
    "3,3 ,\t3": 3,
    "3, 4": undefined,
    "3, 03": undefined,
    "": undefined,
    " ": undefined,
    ",": undefined,
    "3,": undefined,
    "+3": undefined,
    "-3": undefined,
    "0x3": undefined,
    "3e2": undefined,
    "3.0": undefined,
    "3 3": undefined,
    "٣": undefined,
    Infinity: undefined,
  };
  for (const [value, length] of Object.entries(lengths)) {
    test(`of "${value}" is ${length}`, () => assertEquals(contentLength(value), length));
  }

  test("is the number that is told, however often, and nothing else is a length", () => {
    const told = fc.tuple(
      fc.nat({ max: 2 ** 31 - 1 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(",", ", ", "\t,", " , "),
    );
    fc.assert(fc.property(told, ([length, times, comma]) => {
      assertEquals(contentLength(Array(times).fill(length).join(comma)), length);
    }));
    const near = fc.string({ unit: fc.constantFrom(..."0123, \t+-.ex;"), maxLength: 8 });
    fc.assert(fc.property(near, (value) => {
      const length = contentLength(value);
      if (length === undefined) return;
      const all = value.split(",").map((one) => one.trim());
      assert(all.every((one) => /^[0-9]+$/.test(one) && Number(one) === length), value);
    }));
  });
});

describe("pathOf", () => {
  const paths: Record<string, string> = {
    "http://host/": "/",
    "http://host": "/",
    "http://host:80/a/b?c=/d": "/a/b",
    "http://host/a#b?c": "/a",
    "http://host/a//b": "/a//b",
    "http://host?/ready": "/",
    "http://host#/ready": "/",
    "HTTP://host/a": "/a",
    "/a?b": "/a",
    "//a": "//a",
    "/a://b/c": "/a://b/c",
    "host:80": "/",
    "*": "*",
  };
  for (const [url, path] of Object.entries(paths)) {
    test(`of ${url} is ${path}`, () => assertEquals(pathOf(url), path));
  }
});
