import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { Resource } from "./kubernetes.ts";
import { Note, type Noted } from "./note.ts";

/**
 * Resources as YAML, one document each, with their comments. What is `undefined` is left out.
 *
 * The text means the same to a parser of YAML 1.1 and of YAML 1.2: `kubectl` reads 1.1, in which
 * `on` and `no` are booleans.
 *
 * @param comment Stands at the top.
 */
export function render(resources: Noted<Resource>[], comment: string): string {
  return yaml(resources, comment);
}

/** The same of anything else that is a map. */
export function yaml(values: object[], comment: string): string {
  const documents = values.map((value) => {
    const document = new Document(undefined, { schema: "yaml-1.1" });
    document.contents = toNode(value);
    return document;
  });
  const [first] = documents;
  if (first !== undefined) first.commentBefore = toComment(comment);
  return documents.map((document) => document.toString(layout)).join("---\n")
    .replace(
      unprintable,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}

/**
 * What is a line break in YAML 1.1 and none in 1.2 (NEL, and the two separators), or what one of them
 * does not allow to stand for itself (https://yaml.org/spec/1.1/#c-printable). It stands in double quotes
 * or in a comment, as an escape.
 */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Text stays on one line, its line breaks escaped: folded, blanks around them would be lost. */
const layout = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER };

function toNode(value: unknown): Node {
  if (value instanceof Note) {
    const node = toNode(value.value);
    node.commentBefore = toComment(value.comment);
    return node;
  }
  if (Array.isArray(value)) {
    const sequence = new YAMLSeq();
    sequence.items = value.map(toNode);
    return sequence;
  }
  if (typeof value === "object" && value !== null) {
    const map = new YAMLMap<Node, Node>();
    map.items = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => toPair(key, toNode(item)));
    // Nothing in it: `{}`, for a block would be a null.
    map.flow = map.items.length === 0;
    return map;
  }
  return toScalar(value);
}

/** In a map, the comment stands above the key. */
function toPair(key: string, value: Node): Pair<Node, Node> {
  const name = toScalar(key);
  name.commentBefore = value.commentBefore;
  value.commentBefore = null;
  return new Pair<Node, Node>(name, value);
}

function toScalar(value: unknown): Scalar {
  const scalar = new Scalar(value);
  // What is a number in one version of YAML need not be one in the other: 0o17, 1:30, 1_000.
  const mayBeNumber = typeof value === "string" && /^[-+.]?\d[-+.:\w]*$/.test(value);
  const needsEscapes = typeof value === "string" &&
    (value.includes("\n") || value.search(unprintable) >= 0);
  if (needsEscapes || (mayBeNumber && !/[g-z]$/i.test(value))) scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function toComment(text: string): string {
  return text.replace(/^/gm, " ");
}
