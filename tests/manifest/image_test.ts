import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { isImage, isPinned, nameOf } from "../../src/manifest/image.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

/** A reference; the name that follows from it; does it say which image it means? */
const images: [string, string, boolean][] = [
  ["web", "web", false],
  ["web:latest", "web", false],
  ["web:1", "web", true],
  ["web:Latest", "web", true],
  ["localhost:5000/web", "web", false],
  ["registry.example:5000/team/web_app:1.2-rc.1", "web-app", true],
  ["registry.example/a__b.c---d", "a-b-c-d", false],
  [`web@${digest}`, "web", true],
  [`ghcr.io/acme/web:latest@${digest}`, "web", true],
  ["[2001:db8::1]:5000/web", "web", false],
  ["Registry.Example/web", "web", false],
  ["registry.example/2048", "2048", false],
];

describe("a reference", () => {
  for (const [image, name, pinned] of images) {
    test(image, () => {
      assert(isImage(image));
      assertEquals(nameOf(image), name);
      assertEquals(isPinned(image), pinned);
    });
  }
});

test("what is none", () => {
  const wrong = [
    ...["", " ", "web ", "we b", "Web", "team/Web", "web:", ":1", "web:a b", "web:-1", "/web"],
    ...["web/", "a//b", "-web", "web-", "a._b", "a___b", "web@", "web@sha256:12", "web@latest"],
    ...[
      "http://registry.example/web",
      "registry.example:port/web",
      "web\n",
      "wéb",
      "a".repeat(513),
    ],
    `web:${"1".repeat(129)}`,
  ];
  for (const text of wrong) assertFalse(isImage(text), text);
});

test("a name that follows from an image has only what a DNS label may have", () => {
  const text = fc.stringMatching(/^[a-z0-9._/-]{1,40}(:[a-z0-9._-]{1,9})?$/).filter(isImage);
  fc.assert(fc.property(text, (image) => {
    assert(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(nameOf(image)), nameOf(image));
  }));
});
