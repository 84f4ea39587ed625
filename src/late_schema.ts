import type * as z from "zod/mini";

/** Part of what a schema makes of a value. */
type Result<Output> = { success: true; data: Output } | { success: false; error: z.core.$ZodError };

/**
 * A zod schema that is made when it first reads something.
 *
 * Making one takes up to a millisecond, and a start makes do with a few.
 *
 * @example
 * ```ts
 * import * as z from "zod/mini";
 * import { LateSchema } from "./late_schema.ts";
 *
 * const name = new LateSchema(() => z.string().check(z.minLength(1)));
 * console.assert(name.parse("web") === "web" && !name.safeParse("").success);
 * ```
 */
export class LateSchema<Output> {
  readonly #make: () => z.ZodMiniType<Output>;
  #made: z.ZodMiniType<Output> | undefined;

  constructor(make: () => z.ZodMiniType<Output>) {
    this.#make = make;
  }

  /** The schema itself, for others to be made of. */
  get schema(): z.ZodMiniType<Output> {
    return this.#made ??= this.#make();
  }

  /** Makes it now, where there is time to, rather than when it first reads something. */
  prepare(): void {
    this.#made ??= this.#make();
  }

  /** What a value says, or why it is refused. */
  safeParse(value: unknown): Result<Output> {
    return this.schema.safeParse(value);
  }

  /** What a value says. Throws where it is refused. */
  parse(value: unknown): Output {
    return this.schema.parse(value);
  }
}

/** What a {@linkcode LateSchema} reads. */
export type Output<Schema> = Schema extends LateSchema<infer Read> ? Read : never;
