import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { LimitedMemory, limitMissing } from "../support/limited_memory.ts";
import { scraped } from "../support/scrapes.ts";
import { eventually, pause } from "../support/wait.ts";

/**
 * `/leak?mb=` keeps so much, `/grow` keeps more and more; both begin to answer at once. While there is a
 * file `wait`, no other process comes up.
 */
const leaking = `
import { existsSync } from "node:fs";
import process from "node:process";

while (existsSync(import.meta.dirname + "/wait")) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const kept = [];
const leak = (mb) => kept.push(new Uint8Array(mb * 2 ** 20).fill(1));

export default { fetch(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/leak") leak(Number(searchParams.get("mb")));
  if (pathname === "/grow") setInterval(() => leak(1), 50);
  return new Response(String(process.pid));
} };`;

/** Which worker serves. */
async function pidOf(hurricane: Hurricane): Promise<number> {
  return Number((await hurricane.get()).text);
}

function restarts(hurricane: Hurricane, reason: string): Promise<number> {
  return scraped(() => hurricane.probe("/metrics"), "hurricane_worker_restarts_total", { reason });
}

if (limitMissing !== undefined) console.log(`${limitMissing} (memory_test.ts)`);

describe(`a memory limit (${form})`, { skip: limitMissing ?? false }, () => {
  test("is said, with what it leaves; a worker that leaks is replaced below it", async () => {
    await using memory = new LimitedMemory(512);
    await using hurricane = await serve(leaking, { under: memory.under });
    const said = /^the memory limit is 512mb: a worker that has more than (\d+)mb is replaced$/;
    const share = Number(said.exec((await hurricane.logged(said)).message)?.[1]);
    assert(share > 256 && share < 450, `${share}`);
    const first = await pidOf(hurricane);
    // Not more than it may have, and so it stays.
    await hurricane.get("/leak?mb=100");
    await pause(1200);
    assertEquals(await pidOf(hurricane), first);
    // With what it has to run it is above its share, and by far not at the limit.
    await hurricane.get(`/leak?mb=${share - 100}`);
    await hurricane.logged(
      /^the handler's process has \d+mb of memory after \d+ requests, and its share of the limit/,
    );
    await eventually("another worker", async () => await pidOf(hurricane) !== first);
    await eventually("its count", async () => await restarts(hurricane, "memory") === 1);
    assertEquals(await hurricane.stop(), 0);
  });

  test("kills a worker that grows before another one is up, and not the supervisor", async () => {
    await using memory = new LimitedMemory(384);
    await using hurricane = await serve(leaking, { under: memory.under });
    const first = await pidOf(hurricane);
    writeFileSync(join(hurricane.dir, "wait"), "");
    await hurricane.get("/leak?mb=200");
    await hurricane.get("/grow");
    const { level, message, pid } = await hurricane.logged(/^the handler's process is killed: /);
    assertMatch(
      message,
      /\d+mb of the memory limit of 384mb are in use, and it has the most, \d+mb/,
    );
    assertEquals([level, pid], ["error", first]);
    await eventually(
      "it to be missed",
      async () => (await hurricane.probe("/ready")).status !== 200,
    );
    await hurricane.probe("/alive");
    rmSync(join(hurricane.dir, "wait"));
    await hurricane.probeUntil("/ready", 200);
    assert(await pidOf(hurricane) !== first);
    await eventually("its count", async () => await restarts(hurricane, "memory") === 1);
    assertEquals(await restarts(hurricane, "crash"), 0);
    assertEquals(await hurricane.stop(), 0);
  });

  test("that a worker fills at once costs that worker, whoever kills it, and is said", async () => {
    await using memory = new LimitedMemory(512);
    await using hurricane = await serve(leaking, { under: memory.under });
    const first = await pidOf(hurricane);
    // Its answer is lost.
    await hurricane.get("/leak?mb=1024").catch(() => {});
    const survived = await Promise.race([
      hurricane.logged(
        /^(the handler's process is killed: \d+mb of the memory|the kernel has killed a process)/,
      ),
      hurricane.exited.then(() => undefined),
    ]);
    if (survived === undefined) {
      // Nobody gave the supervisor a CPU until it was too late, and then the kernel may take it as well.
      assertEquals((await hurricane.exited).signal, "SIGKILL");
      return;
    }
    await eventually("another worker", async () => {
      const pid = await pidOf(hurricane).catch(() => first);
      return pid !== first;
    });
    assertEquals((await hurricane.probe("/alive")).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("that is changed counts at once", async () => {
    await using memory = new LimitedMemory(512);
    await using hurricane = await serve(leaking, { under: memory.under });
    await hurricane.logged(/^the memory limit is 512mb: /);
    memory.limit(1024);
    await hurricane.logged(/^the memory limit is now 1024mb: a worker that has more than \d+mb is/);
    memory.limit(384);
    const { share } = await hurricane.logged(/^the memory limit is now 384mb: /);
    await hurricane.get(`/leak?mb=${Number.parseInt(String(share))}`);
    await hurricane.logged(/its share of the limit of 384mb is \d+mb: it is replaced$/);
    assertEquals(await hurricane.stop(), 0);
  });

  test("is nobody's concern with --max-memory none", async () => {
    await using memory = new LimitedMemory(1024);
    await using hurricane = await serve(leaking, {
      args: ["--max-memory=none"],
      under: memory.under,
    });
    await hurricane.get("/leak?mb=900");
    assertEquals(await hurricane.stop(), 0);
    assertFalse(hurricane.log.items.some(({ message }) => /memory/.test(message)));
  });
});
