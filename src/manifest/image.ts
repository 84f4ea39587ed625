/**
 * References to images: `registry.example:5000/team/web:1.2@sha256:…`, by the grammar of
 * https://pkg.go.dev/github.com/distribution/reference.
 *
 * @module
 */

const label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const domain = String.raw`(?:${label}(?:\.${label})*|\[[A-Fa-f0-9:]+\])(?::\d+)?`;
const segment = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const tag = String.raw`\w[\w.-]{0,127}`;
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[A-Fa-f0-9]{32,}";

const reference = new RegExp(
  `^(?:${domain}/)?${segment}(?:/${segment})*(?::(?<tag>${tag}))?(?:@(?<digest>${digest}))?$`,
);

/** The longest reference that is read: a name of 255 characters, a tag of 128, and a digest. */
const longest = 512;

/** Is it a reference to an image? */
export function isImage(text: string): boolean {
  return text.length <= longest && reference.test(text);
}

/** Does a reference say which image it means, by a digest or by a tag other than `latest`? */
export function isPinned(image: string): boolean {
  const { tag, digest } = reference.exec(image)?.groups ?? {};
  return digest !== undefined || (tag !== undefined && tag !== "latest");
}

/**
 * A name for what is made of an image: the last part of its path, without characters that a DNS
 * label has not.
 *
 * @example
 * ```ts
 * import { nameOf } from "./image.ts";
 *
 * nameOf("registry.example:5000/team/web_app:1.2"); // "web-app"
 * ```
 */
export function nameOf(image: string): string {
  const path = image.replace(/@.*$/, "").replace(/^.*\//, "").replace(/:.*$/, "");
  return path.replaceAll(/[^a-z0-9]+/g, "-");
}
