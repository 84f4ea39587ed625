/**
 * What a build has to fetch before it can begin, for whoever waits for it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { elapsed } from "../elapsed.ts";
import { runtime } from "../runtime/mod.ts";
import { whileWaiting } from "../while_waiting.ts";

/** What Bun's archive of one system has, as npm sends it, in MB. */
const archiveSize = 40;

/** How often a line on a terminal is written anew, in milliseconds. */
const interval = 1000;

/** Bun's names for processors. */
const processors: Readonly<Record<string, string>> = { arm64: "aarch64" };

/**
 * What Bun's compiler will fetch for a target; `undefined` where it has that already. Bun gets the archive
 * into its memory and tells nobody how much of it has come.
 *
 * @param target as `--target` has it
 * @param version Bun's
 */
export function baseToFetch(
  target: string | undefined,
  version: string = runtime.version,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  if (target === undefined || target === runtime.target) return undefined;
  const [system, processor = "", ...libc] = target.split("-");
  const name = ["bun", system, processors[processor] ?? processor, ...libc, `v${version}`].join(
    "-",
  );
  if (existsSync(join(cacheOf(environment), name))) return undefined;
  return `Bun ${version} for ${target} from npm (some ${archiveSize} MB, once)`;
}

/** Where Bun keeps what it has fetched: https://bun.com/docs/pm/global-cache */
function cacheOf(environment: Readonly<Record<string, string | undefined>>): string {
  const { BUN_INSTALL_CACHE_DIR: named, BUN_INSTALL: installed, XDG_CACHE_HOME: xdg } = environment;
  if (named) return named;
  if (installed) return join(installed, "install/cache");
  return xdg ? join(xdg, ".bun/install/cache") : join(homedir(), ".bun/install/cache");
}

/** Where people are told. */
export interface Audience {
  /** Can a line be written anew there? */
  rewrites: boolean;
  write(text: string): void;
}

/**
 * Says that something is fetched, and for how long that has taken: on a terminal in one line that is
 * written anew, elsewhere in lines that become rare.
 *
 * @returns ends it
 */
export function tellFetching(what: string, { rewrites, write }: Audience): () => void {
  if (!rewrites) {
    write(`hurricane: fetching ${what}\n`);
    return whileWaiting((time) => write(`hurricane: still fetching after ${time}\n`));
  }
  const began = performance.now();
  const show = (): void =>
    write(`\r\x1b[Khurricane: fetching ${what}: ${elapsed(seconds(performance.now() - began))}`);
  show();
  const timer = setInterval(show, interval);
  return () => {
    clearInterval(timer);
    write("\r\x1b[K");
  };
}

/** Whole ones, in milliseconds. */
function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000) * 1000;
}
