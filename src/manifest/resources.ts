import type { ServiceOptions } from "../options/service_options.ts";
import type { Container } from "./kubernetes.ts";
import { note, type Noted } from "./note.ts";

/** What a worker needs to start, in MiB. */
const needed = 64;

/** What the supervisor needs, and a little more, in MiB. */
const supervisor = 64;

/** While a worker is replaced, there is one more. */
const replaced = 1;

/** The `--max-memory` of a manifest where none is given, in MiB: a guess, until somebody has measured. */
export const guessedMemory = 256;

/**
 * What a container asks for and may use at most. Above the limit the kernel kills all of its processes,
 * so workers are replaced before.
 */
export function resources(
  { workers, maxMemory = guessedMemory * 2 ** 20 }: Pick<ServiceOptions, "workers" | "maxMemory">,
): Noted<Container["resources"]> {
  const most = supervisor + Math.ceil(maxMemory / 2 ** 20) * (workers + replaced);
  const requests = { cpu: "100m", memory: `${supervisor + needed * workers}Mi` };
  return {
    requests: note(requests, "what it needs: measure, then change it"),
    limits: note(
      { memory: `${most}Mi` },
      `for ${workers + replaced} times --max-memory: there is one worker more while one is\n` +
        "replaced, and above the limit all of the container is killed\n" +
        "none on cpu: a throttled event loop stands still",
    ),
  };
}
