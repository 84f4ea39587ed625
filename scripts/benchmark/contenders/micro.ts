/**
 * The request path alone: nanoseconds of a call of the bare handler, and of one with the counting
 * around it, as JSON on standard output.
 *
 * @module
 */
import process from "node:process";
import { do_not_optimize, measure } from "mitata";
import { PendingRequests } from "../../../src/app/pending_requests.ts";
import { requestPath } from "../../../src/app/request_path.ts";
import { ThrownErrors } from "../../../src/app/thrown_errors.ts";
import { RequestCounters } from "../../../src/metrics/requests.ts";
import { runtime } from "../../../src/runtime/mod.ts";
import type { FetchHandler } from "../../../src/runtime/runtime.ts";

const answer = new Response("Hello, World!");
const request = new Request("http://127.0.0.1:8000/");
const info = {};
const now = runtime.clock();

const handlers: Record<string, FetchHandler> = {
  sync: () => answer,
  async: () => Promise.resolve(answer),
};

function around(handler: FetchHandler, metrics: boolean): FetchHandler {
  return requestPath(handler, {
    counters: new RequestCounters(),
    metrics,
    upgraded: () => false,
    errors: new ThrownErrors(),
    pending: new PendingRequests({ now }),
    draining: { now: false },
    inspect: String,
    now,
  });
}

const times: Record<string, number> = {};
for (const [kind, handler] of Object.entries(handlers)) {
  const paths = {
    bare: handler,
    counted: around(handler, false),
    metrics: around(handler, true),
  };
  for (const [path, fetch] of Object.entries(paths)) {
    const run = kind === "sync"
      ? () => do_not_optimize(fetch(request, info))
      : async () => do_not_optimize(await fetch(request, info));
    times[`${kind} ${path}`] = (await measure(run)).p50;
  }
}
process.stdout.write(JSON.stringify(times));
