import { type Contender, contender } from "./contenders.ts";
import { maxWait } from "./overload_data.ts";

/** Who is compared, in the order of the tables. */
export const overloaded: readonly Contender[] = [
  contender("bun"),
  contender("deno"),
  withOptions("hurricane", "max-wait", `--max-wait ${maxWait}ms`),
  withOptions("hurricane-deno", "max-wait", `--max-wait ${maxWait}ms`),
  withOptions("hurricane", "max-inflight", "--max-inflight 10"),
  contender("fastify"),
];

function withOptions(name: string, suffix: string, options: string): Contender {
  const base = contender(name);
  return {
    ...base,
    name: `${name}-${suffix}`,
    title: `${base.title}, ${options}`,
    command: (task) => [...base.command(task), ...options.split(" ")],
  };
}
