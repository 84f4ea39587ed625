import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { eventually } from "./wait.ts";

/** Where cgroups that limit memory are made, and what the limit is called there, in either version. */
const places = [
  { parent: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
  { parent: "/sys/fs/cgroup", limit: "memory.max" },
].filter(({ parent, limit }) =>
  limit === "memory.max"
    ? readText(join(parent, "cgroup.subtree_control")).split(/\s+/).includes("memory")
    : existsSync(join(parent, limit))
);

/** Why no memory can be limited here; `undefined` where it can. */
export const limitMissing = whyNot();

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "skipped: to make a cgroup needs root";
  const [place] = places;
  if (place === undefined) return "skipped: there is no cgroup that could limit memory";
  try {
    accessSync(place.parent, constants.W_OK);
    return undefined;
  } catch {
    return `skipped: no cgroup can be made in ${place.parent}`;
  }
}

/** A real cgroup whose memory is limited, for whatever is started {@linkcode under} it. */
export class LimitedMemory implements AsyncDisposable {
  /** A command that runs what follows it in the cgroup. */
  readonly under: string[];
  readonly #folder: string;
  readonly #limit: string;

  constructor(megabytes: number) {
    const [place] = places;
    if (place === undefined) throw new Error(limitMissing);
    this.#folder = join(place.parent, `hurricane-${randomUUID()}`);
    this.#limit = join(this.#folder, place.limit);
    mkdirSync(this.#folder);
    this.limit(megabytes);
    const enter = `echo $$ > ${this.#folder}/cgroup.procs && exec "$@"`;
    this.under = ["sh", "-c", enter, "sh"];
  }

  /** Changes the limit, as a resize of a pod in place does. */
  limit(megabytes: number): void {
    writeFileSync(this.#limit, String(megabytes * 2 ** 20));
  }

  /** Once all its processes have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await eventually(
      "the end of its processes",
      () => readText(join(this.#folder, "cgroup.procs")) === "",
    );
    rmdirSync(this.#folder);
  }
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8").trim() : "";
}
