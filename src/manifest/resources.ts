import type { Container } from "./kubernetes.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { bytes, milliCpus } from "./quantity.ts";

/** What a worker needs to start, in MiB. */
const needed = 64;

/** What the supervisor needs, and a little more, in MiB. */
const supervisor = 64;

/** What takes messages from a broker needs, in MiB; and with ten of 1 MB at a time. */
const [pump, busyPump] = [64, 192];

/** While a worker is replaced, there is one more. */
const replaced = 1;

/** What a worker may grow to where nothing is said, in MiB: a guess, until somebody has measured. */
const guessed = 256;

/** What is asked for where nothing is said, for each worker, in thousandths of a CPU. */
const usualCpu = 100;

/** What decides on the resources of a container. */
type Settings = Pick<ManifestOptions, "cpu" | "cpuLimit" | "memory"> & {
  service: Pick<ManifestOptions["service"], "workers" | "maxMemory" | "amqpUrl">;
};

/** What a worker may grow to, in MiB: `--max-memory`, or a guess. */
function workerMemory(maxMemory: Settings["service"]["maxMemory"]): number {
  return typeof maxMemory === "number" ? inMebibytes(maxMemory) : guessed;
}

/** What a container asks for and may use at most: as it is told, and else a guess. */
export function resources(settings: Settings): Noted<Container["resources"]> {
  const { cpu, cpuLimit, memory, service: { workers, amqpUrl } } = settings;
  const least = supervisor + (amqpUrl === undefined ? 0 : pump) + needed * workers;
  const requests = {
    cpu: cpu ?? `${Math.min(usualCpu * workers, milliCpus(cpuLimit ?? "") ?? Infinity)}m`,
    memory: memory ?? `${least}Mi`,
  };
  const limits = {
    ...(cpuLimit === undefined ? {} : { cpu: cpuLimit }),
    memory: memory ?? `${mostMemory(settings)}Mi`,
  };
  return {
    requests: cpu === undefined || memory === undefined
      ? note(requests, "what it needs: measure, then change it (--cpu, --memory)")
      : requests,
    limits: note(limits, [...memoryComment(settings), cpuComment(settings)].join("\n")),
  };
}

/** Why a limit that is given cannot hold what the workers may grow to; `undefined` where it can. */
export function whyTooLittle({ memory, service }: Settings): string | undefined {
  const { workers, maxMemory } = service;
  if (memory === undefined || typeof maxMemory !== "number") return undefined;
  const least = besides(service) + inMebibytes(maxMemory) * workers + needed;
  if ((bytes(memory) ?? 0) >= least * 2 ** 20) return undefined;
  return `with ${workersInWords(workers)}, and another one while one is replaced, that takes at ` +
    `least ${least}Mi`;
}

/** What a container takes whose workers have only just started, one of them in place of another, in MiB. */
export function leastMemory({ service }: Settings): number {
  const { workers, amqpUrl } = service;
  return supervisor + (amqpUrl === undefined ? 0 : pump) + needed * (workers + replaced);
}

/** How many workers there are. */
export function workersInWords(workers: number): string {
  return workers === 1 ? "one worker" : `${workers} workers`;
}

function mostMemory({ service }: Settings): number {
  const { workers, maxMemory } = service;
  return besides(service) + workerMemory(maxMemory) * (workers + replaced);
}

/** What the workers do not get of a limit, in MiB. */
function besides({ amqpUrl }: Pick<Settings["service"], "amqpUrl">): number {
  return supervisor + (amqpUrl === undefined ? 0 : busyPump);
}

function memoryComment({ memory, service }: Settings): string[] {
  const { workers, maxMemory, amqpUrl } = service;
  const killed = "above it all of the container is killed";
  const shared = maxMemory === "auto"
    ? ["a worker that has outgrown its share of it is replaced before (--max-memory)"]
    : [];
  if (memory !== undefined) {
    return [
      "no more memory than it asks for: no other pod's can be missing",
      ...shared,
      killed,
    ];
  }
  const taker = amqpUrl === undefined ? "" : `, for what takes the messages (${busyPump}Mi)`;
  const each = typeof maxMemory === "number" ? "--max-memory" : `${guessed}Mi, which is a guess`;
  return [
    `for the supervisor (${supervisor}Mi)${taker} and for ${workers + replaced} times ${each}:`,
    "there is one worker more while one is replaced",
    ...shared,
    killed,
  ];
}

function cpuComment({ cpuLimit }: Settings): string {
  const why = "a throttled event loop stands still";
  return cpuLimit === undefined ? `none on cpu: ${why}` : `on cpu only for --workers auto: ${why}`;
}

function inMebibytes(size: number): number {
  return Math.ceil(size / 2 ** 20);
}
