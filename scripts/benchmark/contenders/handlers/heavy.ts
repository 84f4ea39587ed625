/** Does the work that `BENCH_HEAVY` names. */
import process from "node:process";
import { heavy } from "../heavy.ts";

const work = heavy[process.env["BENCH_HEAVY"] ?? ""] ?? (() => "no such work");

export default {
  fetch(_request: Request): Response | Promise<Response> {
    const done = work();
    return typeof done === "string" ? new Response(done) : done.then((text) => new Response(text));
  },
};
