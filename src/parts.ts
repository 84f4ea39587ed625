/**
 * What a process loads when it knows what it is for.
 *
 * A program names them itself, because Deno reads whatever is imported by a text that stands there, and
 * all that is imported by that, before it runs the first line: all of Hurricane in each process, which
 * takes as long as Deno itself. What Deno is to compile must be named so; where it runs the sources,
 * that must be avoided.
 */
export interface Parts {
  /** The process of the handler. */
  app(): Promise<typeof import("./app/process.ts")>;
  /** The process that takes messages. */
  pump(): Promise<typeof import("./amqp/process.ts")>;
  /** The command line. */
  cli(): Promise<typeof import("./cli/main.ts")>;
}
