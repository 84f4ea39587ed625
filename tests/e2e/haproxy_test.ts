import { describe, test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import { Haproxy, haproxyMissing } from "../support/haproxy.ts";
import { signal } from "../support/processes.ts";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { assertUnharmed, Traffic } from "../support/traffic.ts";

if (haproxyMissing !== undefined) console.log(`${haproxyMissing} (haproxy_test.ts)`);

const handler = `
export default {
  async fetch() {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return new Response("hello");
  },
};
`;

function start(port = "0", probePort = "0"): Promise<Hurricane> {
  return serve(handler, {
    args: [
      `--port=${port}`,
      `--probe-port=${probePort}`,
      // Several checks long: HAProxy has to hear that no more requests are wanted.
      "--shutdown-delay=4s",
      // The one that is left gets what was shared by two.
      "--req-queue-len=50",
    ],
  });
}

/** Starts another one in the place of one that has ended. */
function startAgain(old: Hurricane): Promise<Hurricane> {
  return start(new URL(old.url()).port, new URL(old.probeUrl("/")).port);
}

describe(`behind HAProxy (${form})`, { skip: haproxyMissing ?? false }, () => {
  test("six restarts under load: no request fails", async () => {
    await using stack = new AsyncDisposableStack();
    const hurricanes = [stack.use(await start()), stack.use(await start())];
    await using haproxy = await Haproxy.start(hurricanes);
    await using traffic = new Traffic(haproxy.url);
    await traffic.load.more(100);
    for (let restart = 0; restart < 6; restart++) {
      const which = restart % 2;
      const old = hurricanes[which] as Hurricane;
      const stopped = old.stop();
      await haproxy.sees(which, "DOWN");
      assertEquals(await stopped, 0);
      hurricanes[which] = stack.use(await startAgain(old));
      await hurricanes[which].probeUntil("/ready", 200);
      await haproxy.sees(which, "UP");
      await traffic.load.more(100);
    }
    assertUnharmed(await traffic.stop(), haproxy.trouble);
    assertEquals(await Promise.all(hurricanes.map((hurricane) => hurricane.stop())), [0, 0]);
  });

  test("one that is killed fails requests, which such a test sees", async () => {
    await using first = await start();
    await using second = await start();
    await using haproxy = await Haproxy.start([first, second]);
    await using traffic = new Traffic(haproxy.url);
    await traffic.load.more(100);
    for (const pid of [...first.children(), first.pid]) signal(pid, "SIGKILL");
    await haproxy.sees(0, "DOWN");
    await traffic.load.more(100);
    const { failed, text } = await traffic.stop();
    assertGreater(failed.fresh + failed.kept, 0, text);
  });
});
