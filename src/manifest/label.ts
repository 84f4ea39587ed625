/** A label of a resource: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export interface Label {
  key: string;
  value: string;
}

const word = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const part = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

/** What a label looks like as `KEY=VALUE`; the key may have a domain before it, and the value be empty. */
export const labelPattern = `^(${part}(\\.${part})*/)?${word}=(${word})?$`;

/**
 * Reads `KEY=VALUE`.
 *
 * @throws {Error} what is wrong with it
 *
 * @example
 * ```ts
 * import { parseLabel } from "./label.ts";
 *
 * console.assert(parseLabel("release=kube-prometheus-stack").key === "release");
 * ```
 */
export function parseLabel(text: string): Label {
  if (!new RegExp(labelPattern).test(text)) {
    throw new Error(
      "it must be KEY=VALUE, of at most 63 letters, digits, dots, dashes and underscores each, the " +
        "first and the last a letter or a digit",
    );
  }
  const end = text.indexOf("=");
  return { key: text.slice(0, end), value: text.slice(end + 1) };
}
