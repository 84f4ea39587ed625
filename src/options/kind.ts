import * as z from "zod/mini";
import { messageOf } from "../errors.ts";
import { LateSchema } from "../late_schema.ts";

/**
 * What is known of the values of a kind without reading one: for completion in a shell, and for the JSON
 * Schema. What is not here is text of whatever form.
 */
export interface Shape {
  /** On or off. */
  toggle?: true;
  /** Words. Nothing else is allowed, unless that is here, too. */
  words?: readonly string[];
  /** Whole numbers, from the first to the second. */
  integers?: readonly [least: number, most: number];
  /** Text of this form. */
  pattern?: RegExp;
  /** The path of a file, or of a directory alone. */
  path?: "file" | "directory";
  /** None, one or several: what each is. */
  items?: Shape;
  /** `false` is allowed as well, for none. */
  orNone?: true;
}

/** What the values of an option may be. */
export class Kind<Output, Input> extends LateSchema<Output> {
  /** Completes the sentence "the option must be …". */
  readonly allowed: string;
  /** What a default stands for, which is known to be allowed. Needs no schema. */
  readonly preset: (initial: Input) => Output;
  readonly shape: Shape;
  /** Of a list: what its items may be. */
  readonly item: Kind<string, string> | undefined;

  constructor(
    allowed: string,
    make: () => z.ZodMiniType<Output>,
    preset: (initial: Input) => Output,
    shape: Shape = {},
    item?: Kind<string, string>,
  ) {
    super(make);
    this.allowed = allowed;
    this.preset = preset;
    this.shape = shape;
    this.item = item;
  }
}

/** A kind from a function that returns `undefined` for what is not allowed. */
export function value<Input, Output>(
  allowed: string,
  input: () => z.ZodMiniType<Input>,
  read: (given: Input) => Output | undefined,
  shape?: Shape,
): Kind<Output, Input> {
  const make = (): z.ZodMiniType<Output> =>
    z.pipe(
      input(),
      z.transform<Input, Output>((given, { issues }) => {
        const result = read(given);
        if (result !== undefined) return result;
        issues.push({ code: "custom", input: given });
        return z.NEVER;
      }),
    );
  return new Kind(allowed, make, (initial) => read(initial) as Output, shape);
}

/** A check from a function that says why it refuses a string. */
export function refusedIf(
  whyNot: (given: string) => string | undefined,
): z.core.$ZodCheck<string> {
  return z.superRefine<string>((given, { issues }) => {
    const reason = whyNot(given);
    if (reason !== undefined) issues.push({ code: "custom", input: given, params: { reason } });
  });
}

/** A kind of strings from a function that throws at those that are not allowed. */
export function parsed(
  allowed: string,
  parse: (given: string) => unknown,
  shape?: Shape,
): Kind<string, string> {
  return new Kind(allowed, () => z.string().check(refusedIf(refusal(parse))), itself, shape);
}

/** For a kind whose values are what was given. */
function itself<Value>(value: Value): Value {
  return value;
}

/** Says why a function throws at a string. */
function refusal(parse: (given: string) => unknown): (given: string) => string | undefined {
  return (given) => {
    try {
      parse(given);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
}
