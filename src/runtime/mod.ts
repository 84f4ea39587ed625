import { bun } from "./bun.ts";
import { deno } from "./deno.ts";
import type { Runtime } from "./runtime.ts";

/** The runtime that this process runs on. */
export const runtime: Runtime = "Deno" in globalThis ? deno : bun;

export type {
  DirectoryListener,
  FetchHandler,
  HandlerListener,
  Invocation,
  Listener,
  Runtime,
} from "./runtime.ts";
export type { AdoptedAddress, HeldServer, HeldWeb, PlannedAddress } from "./held_server.ts";
export type { NodeListener } from "./node_listener.ts";
