import type { StoppableServer } from "./bun_tls.ts";

/** The part of Bun's API that Hurricane uses, so that it is checked where Bun's types are not. */
export interface BunApi {
  version: string;
  main: string;
  serve(options: Record<string, unknown>): BunServer;
  listen(options: { hostname: string; port: number; socket: { data(): void } }): {
    stop(closeActiveConnections: boolean): void;
  };
  spawn(command: string[], options: {
    detached: boolean;
    stdio: ["ignore", "inherit", "inherit", "pipe"];
    env: Record<string, string | undefined>;
    onExit(child: BunChild): void;
  }): BunChild;
  file(path: string): Blob;
  gc(force: boolean): void;
  inspect(value: unknown, options: { colors: boolean }): string;
  build(options: Record<string, unknown>): Promise<BunBuildResult>;
  plugin(plugin: { name: string; setup(plugins: BunPlugins): void }): void;
  resolveSync(specifier: string, folder: string): string;
  Archive: new (
    content: Uint8Array | Record<string, Uint8Array>,
    options?: { compress: "gzip" },
  ) => { bytes(): Promise<Uint8Array>; extract(folder: string): Promise<number> };
  TOML: { parse(text: string): unknown };
  Transpiler: new (options: { loader: string }) => { scan(source: string): { exports: string[] } };
}

/** A process that was started. */
export interface BunChild {
  pid: number;
  /** Descriptors of this process. */
  stdio: readonly (number | null)[];
  exitCode: number | null;
  signalCode: string | null;
}

/** What a build with `throw: false` comes to. */
export interface BunBuildResult {
  success: boolean;
  outputs: Blob[];
  logs: BunLog[];
}

/** What is amiss in a build. Where a module is not found, who asks for it, and how. */
export interface BunLog {
  importKind?: string;
  specifier?: string;
  position?: { file: string } | null;
}

/** What Bun asks a plugin to find. */
export interface BunImport {
  path: string;
  importer: string;
}

/** A module that Bun asks a plugin for. */
export interface BunModule {
  path: string;
  loader: string;
}

/** Where a plugin says what it is for. */
export interface BunPlugins {
  onResolve(
    constraints: { filter: RegExp },
    resolve: (found: BunImport) => { path: string; external: true } | undefined,
  ): void;
  onLoad(
    constraints: { filter: RegExp },
    load: (module: BunModule) => { contents: string; loader: string } | undefined,
  ): void;
}

/** A server of Bun's. */
export interface BunServer extends StoppableServer {
  hostname: string;
  port: number;
  protocol: "http" | "https";
  requestIP(request: Request): { address: string } | null;
  /** How many seconds of silence end the connection of a request; 0: none do. */
  timeout(request: Request, seconds: number): void;
  upgrade(request: Request, ...rest: unknown[]): boolean;
  url: URL;
  address: { address: string; family: string; port: number };
  development: boolean;
  reload(options: Record<string, unknown>): BunServer;
  publish(topic: string, data: unknown): number;
  subscriberCount(topic: string): number;
  fetch(request: Request | string): Promise<Response>;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
  ref(): void;
  unref(): void;
}

/** Bun's API, in a process that runs on it. */
export function api(): BunApi {
  return (globalThis as unknown as { Bun: BunApi }).Bun;
}
