import type { Hurricane } from "./instance.ts";
import { eventually } from "./wait.ts";

/** Has all workers replaced, which must not have been done before. */
export async function hup(hurricane: Hurricane): Promise<void> {
  hurricane.signal("SIGHUP");
  await hurricane.logged(/^all processes of the handler are replaced$/);
}

/** Waits for the end of workers. */
export function gone(hurricane: Hurricane, pids: readonly number[]): Promise<true> {
  return eventually(
    `the end of ${pids}`,
    () => !hurricane.children().some((pid) => pids.includes(pid)),
  );
}
