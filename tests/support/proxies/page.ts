/**
 * The configurations on the pages of docs/guide/proxies, as they are run: with free ports, and with
 * addresses of the loopback interface for those of the page.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { freePort } from "../free_port.ts";

/** The sections of a page that begin with a configuration. */
export const variants = ["As it comes", "Recommended"] as const;
export type Variant = (typeof variants)[number];

/** What the pages call the two servers, and where they are when a page is run. */
const servers = [["192.0.2.1", "127.0.0.2"], ["192.0.2.2", "127.0.0.3"]] as const;

/** The two servers' addresses when a page is run. */
export const serverHosts = servers.map(([, host]) => host);

/** Ports that stand for those of the pages, and are free on every address. */
export interface Ports {
  /** Of the proxy: 8080 on the pages. */
  proxy: number;
  /** Of the handler: 8000. */
  handler: number;
  /** Of the probes: 8001. */
  probes: number;
}

/** A page. */
export class Page {
  readonly #file: string;
  readonly #text: string;

  constructor(name: string) {
    this.#file = `docs/guide/proxies/${name}.md`;
    this.#text = readFileSync(new URL(`../../../${this.#file}`, import.meta.url), "utf8");
  }

  /**
   * The first block of a section, with other addresses and ports.
   *
   * @throws {Error} where the page has none.
   */
  configuration(variant: Variant, ports: Ports): string {
    const section = this.#text.split(/^## /m).find((part) => part.startsWith(`${variant}\n`));
    const block = section === undefined ? undefined : /^```\w*\n(.*?)^```$/ms.exec(section)?.[1];
    if (block === undefined) {
      throw new Error(`${this.#file} has no configuration under "## ${variant}": give it one`);
    }
    return moved(block, ports);
  }

  /** What follows `hurricane serve ./handler.ts` in the page's command, with other ports. */
  hurricaneOptions(ports: Ports): string[] {
    return moved(this.#words("hurricane serve ./handler.ts"), ports).split(" ").filter(Boolean);
  }

  /** What the page enables with `a2enmod`. */
  get apacheModules(): string[] {
    return this.#words("a2enmod").split(" ").filter(Boolean);
  }

  #words(command: string): string {
    const line = this.#text.split("\n").find((line) => line.startsWith(command));
    if (line === undefined) {
      throw new Error(`${this.#file} has no line "${command} …": give it one`);
    }
    return line.slice(command.length);
  }
}

/** Picks them. */
export async function freePorts(): Promise<Ports> {
  const [proxy, handler, probes] = [await freePort(), await freePort(), await freePort()];
  return { proxy, handler, probes };
}

function moved(text: string, ports: Ports): string {
  const places: [RegExp, string][] = [
    ...servers.map(([page, here]): [RegExp, string] => [new RegExp(`\\b${page}\\b`, "g"), here]),
    [/\b8080\b/g, String(ports.proxy)],
    [/\b8000\b/g, String(ports.handler)],
    [/\b8001\b/g, String(ports.probes)],
  ];
  // A port that was put in may read like one of the pages: each place is replaced once.
  const all = new RegExp(places.map(([pattern]) => pattern.source).join("|"), "g");
  return text.replace(all, (found) => {
    const place = places.find(([pattern]) => new RegExp(`^${pattern.source}$`).test(found));
    return place?.[1] ?? found;
  });
}
