import { describe, test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { handlerFrom } from "../../../src/app/handler.ts";
import { LocalApp } from "../../../src/supervisor/process/local_app.ts";
import { appOptions } from "../../support/workers.ts";

function counting() {
  let shutdowns = 0;
  const handler = handlerFrom("it", {
    default: () => new Response("x"),
    onShutdown: () => void shutdowns++,
  });
  return { app: new LocalApp(handler, appOptions), shutdowns: () => shutdowns };
}

describe("a handler in this process", () => {
  test("that could not listen ends without its onShutdown", async () => {
    const taken = createServer();
    await once(taken.listen(0, "127.0.0.1"), "listening");
    const { app, shutdowns } = counting();
    const { port } = taken.address() as AddressInfo;
    await assertRejects(() => app.listen(port), Error, "this process listens there already");
    app.kill();
    app.kill();
    await app.exit;
    assertEquals(shutdowns(), 0);
    taken.close();
  });

  test("stops once, however often it is told to", async () => {
    const { app, shutdowns } = counting();
    await app.listen(0);
    app.kill();
    // In no time, not all may be known: that is up to how busy the machine is.
    const [first, second] = await Promise.all([app.stop(0), app.stop(1000)]);
    assertEquals([first.cut, second], [0, first]);
    await app.exit;
    assertEquals(shutdowns(), 1);
  });
});
