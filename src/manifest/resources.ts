import type { ServiceOptions } from "../options/service_options.ts";
import type { Container } from "./kubernetes.ts";
import { note, type Noted } from "./note.ts";

/** What a worker needs to start, and what it may grow to where nothing is said, in MiB. */
const [needed, grown] = [64, 256];

/** What the supervisor needs, and a little more, in MiB. */
const supervisor = 64;

/** While a worker is replaced, there is one more. */
const replaced = 1;

/** What a container asks for and may use at most; a guess, until somebody has measured. */
export function resources(
  { workers, maxMemory }: Pick<ServiceOptions, "workers" | "maxMemory">,
): Noted<Container["resources"]> {
  const most = maxMemory === undefined
    ? grown * (workers + replaced)
    : supervisor + Math.ceil(maxMemory / 2 ** 20) * (workers + replaced);
  const requests = { cpu: "100m", memory: `${supervisor + needed * workers}Mi` };
  return {
    requests: note(requests, "what it needs: measure, then change it"),
    limits: note(
      { memory: `${most}Mi` },
      maxMemory === undefined
        ? "none on cpu: a throttled event loop stands still"
        : `for ${workers + replaced} times --max-memory: there is one worker more while one is ` +
          "replaced; none on cpu: a throttled event loop stands still",
    ),
  };
}
