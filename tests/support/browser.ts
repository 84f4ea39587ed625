/**
 * A real browser, for the pages that Hurricane serves: Debian's Chromium, driven by playwright-core.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { folderOf, installPackages } from "./apps/install.ts";

const packages = { "axe-core": "4.14.1", "playwright-core": "1.65.1" };
const chromium = "chromium";

/** Why there is no browser here; `undefined` where there is one. */
export function browserMissing(): string | undefined {
  const { status, error } = spawnSync(chromium, ["--version"]);
  if (status !== 0) {
    const why = error?.message ?? `${status}`;
    return `skipped: chromium cannot be run: ${why} (Debian has it in the package chromium)`;
  }
  return installPackages({ name: "browser", packages });
}

/** The part of playwright-core's `Page` that is used: https://playwright.dev/docs/api/class-page */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
  textContent(selector: string): Promise<string | null>;
  title(): Promise<string>;
  waitForFunction(script: string): Promise<unknown>;
  setViewportSize(size: Size): Promise<void>;
  emulateMedia(media: { colorScheme: Scheme }): Promise<void>;
  screenshot(options: { path: string; fullPage?: boolean; clip?: object }): Promise<unknown>;
  keyboard: { press(key: string): Promise<void> };
  on(event: "console", heard: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", heard: (error: Error) => void): void;
  on(event: "request", heard: (request: { url(): string }) => void): void;
}

/** Of a window, in CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

/** What `prefers-color-scheme` says. */
export type Scheme = "light" | "dark";

/** The part of a launched browser that is used. */
interface Launched {
  newPage(options: { viewport: Size }): Promise<Page & { close(): Promise<void> }>;
  close(): Promise<void>;
}

interface Playwright {
  chromium: {
    launch(options: { executablePath: string; args: string[] }): Promise<Launched>;
  };
}

/** A browser, launched when the first page is opened: that takes a second or two. */
export class Browser implements AsyncDisposable {
  #launched: Promise<Launched> | undefined;

  /** Opens a page, in a profile of its own. */
  async open(viewport: Size = { width: 1200, height: 900 }): Promise<Tab> {
    this.#launched ??= launch();
    const page = await (await this.#launched).newPage({ viewport });
    return new Tab(page, () => page.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#launched)?.close();
  }
}

async function launch(): Promise<Launched> {
  const entry = pathToFileURL(installed("playwright-core")).href;
  const { default: playwright } = await import(entry) as { default: Playwright };
  return await playwright.chromium.launch({
    executablePath: spawnSync("which", [chromium], { encoding: "utf8" }).stdout.trim(),
    // Its sandbox needs what containers and root do not have; it sees nothing but pages of ours.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** The path of a module of one of the packages. */
function installed(module: string): string {
  return createRequire(join(folderOf("browser"), "package.json")).resolve(module);
}

/** A page that is open, until it is disposed of. */
export class Tab implements AsyncDisposable {
  readonly page: Page;
  /** What it has complained of: errors on the console, and those that nobody caught. */
  readonly complaints: string[] = [];
  /** All addresses that it has asked for. */
  readonly asked: string[] = [];
  readonly #close: () => Promise<void>;

  constructor(page: Page, close: () => Promise<void>) {
    this.page = page;
    this.#close = close;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("request", (request) => this.asked.push(request.url()));
  }

  /**
   * What axe-core finds wrong for people who read the page with a screen reader, a keyboard, or in few
   * colours: the rules that it breaks, each with where.
   */
  async inaccessible(): Promise<string[]> {
    // Playwright's own way into the page, which its Content-Security-Policy does not forbid.
    await this.page.evaluate<void>(readFileSync(installed("axe-core/axe.min.js"), "utf8"));
    return await this.page.evaluate<string[]>(`axe.run().then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
        id + ": " + html.slice(0, 200) + " – " + failureSummary)))`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
