/**
 * What is served for the pictures: it takes its time, now and then fails, and has a receiver of webhooks
 * in it.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/hook") return new Response(null, { status: 204 });
    if (pathname === "/orders/7") throw new Error("no such order: 7");
    await sleep(2 + Math.random() ** 6 * 200);
    return Response.json({ ok: true });
  },
};

export const checks = {
  readiness: {
    database: () => sleep(3),
    cache: () => sleep(1),
  },
};
