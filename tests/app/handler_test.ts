import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  handlerFrom,
  type HandlerModule,
  loadBuiltin,
  loadHandler,
  NotAHandler,
} from "../../src/app/handler.ts";
import { TempDir } from "../support/temp_dir.ts";

const request = new Request("http://handler/");
const answer = (text: string) => () => new Response(text);

async function says(module: HandlerModule): Promise<string | undefined> {
  return (await handlerFrom("it", module).fetch(request, {}))?.text();
}

describe("handlerFrom finds", () => {
  class App {
    readonly text = "a method that needs its object";
    fetch(): Response {
      return new Response(this.text);
    }
  }
  const forms: Record<string, HandlerModule> = {
    "a default export with a fetch method": { default: { fetch: answer("") } },
    "a method that needs its object": { default: new App() },
    "a default-exported function": { default: answer("") },
    "a named export fetch": { fetch: answer("") },
    "a named export fetch beside a default export that is none": {
      fetch: answer(""),
      default: { port: 1 },
    },
  };
  for (const [name, module] of Object.entries(forms)) {
    test(name, async () => {
      const text = await says(module);
      assertEquals(text, module["default"] instanceof App ? name : "");
    });
  }

  test("the default export before a named one", async () => {
    assertEquals(await says({ default: answer("default"), fetch: answer("named") }), "default");
    const both = { default: { fetch: answer("default") }, fetch: answer("named") };
    assertEquals(await says(both), "default");
  });

  test("the default export's fields, the checks and onShutdown", () => {
    const main = { fetch: answer(""), idleTimeout: 5 };
    const checks = { readiness: { db: () => {} }, liveness: {} };
    const onShutdown = () => {};
    const found = handlerFrom("it", { default: main, checks, onShutdown });
    assertEquals(found.fields, main);
    assertEquals([found.name, found.checks, found.onShutdown], ["it", checks, onShutdown]);
  });

  test("no fields, checks or onShutdown where there are none", () => {
    const { fields, checks, onShutdown } = handlerFrom("it", { default: answer("") });
    assertEquals([fields, checks, onShutdown], [{}, {}, undefined]);
  });

  test("what passes info on", () => {
    const seen: unknown[] = [];
    const info = {};
    const { fetch } = handlerFrom("it", {
      default: { fetch: (...given: unknown[]) => (seen.push(...given), new Response()) },
    });
    fetch(request, info);
    assertEquals(seen[0] === request && seen[1] === info, true);
  });
});

describe("handlerFrom refuses", () => {
  const empty: Record<string, [HandlerModule, string]> = {
    "a module without exports": [{}, "it exports nothing"],
    "a default export that is null": [{ default: null }, "it exports default"],
    "a fetch that is no function": [{ default: { fetch: 5 }, fetch: "x", a: 1 }, "default, fetch"],
  };
  for (const [name, [module, message]] of Object.entries(empty)) {
    test(name, () => {
      const error = assertThrows(() => handlerFrom("/app/h.ts", module), NotAHandler, message);
      assertEquals(error.name, "NotAHandler");
      assertStringIncludes(error.message, "/app/h.ts has no fetch handler");
    });
  }

  const wrong: [HandlerModule, string][] = [
    [{ onShutdown: 5 }, "onShutdown is number; export a function"],
    [{ onDrain: {} }, "onDrain is object; export a function"],
    [{ checks: "db" }, "checks is string; export an object"],
    [{ checks: null }, "checks is object; export an object"],
    [{ checks: { startup: {} } }, "checks.startup is unknown"],
    [{ checks: { readiness: () => {} } }, "checks.readiness is function"],
    [{ checks: { liveness: { bus: true } } }, "checks.liveness.bus is boolean, not a function"],
  ];
  for (const [exports, message] of wrong) {
    test(message, () => {
      const module = { default: answer(""), ...exports };
      assertThrows(() => handlerFrom("it", module), TypeError, message);
    });
  }
});

describe("loadHandler", () => {
  test("imports a file, whatever its name", async () => {
    using dir = new TempDir();
    const file = dir.file("a #1 ä%20.ts", "export default (): Response => new Response('loaded');");
    const { name, fetch } = await loadHandler(file);
    assertEquals(name, file);
    assertEquals(await (await fetch(request, {}))?.text(), "loaded");
  });

  test("rejects with what the import threw", async () => {
    using dir = new TempDir();
    const file = dir.file("throws.ts", "throw new RangeError('at import');");
    await assertRejects(() => loadHandler(file), RangeError, "at import");
  });

  test("rejects where the file has no handler, and names it", async () => {
    using dir = new TempDir();
    const file = dir.file("empty.ts", "export const a = 1;");
    await assertRejects(() => loadHandler(file), NotAHandler, file);
  });
});

describe("loadBuiltin", () => {
  const module = { default: answer("built in") };
  const modules = {
    "a module": module,
    "a function": () => module,
    "a function that takes its time": () => Promise.resolve(module),
  };
  for (const [name, given] of Object.entries(modules)) {
    test(`takes ${name}`, async () => {
      const handler = await loadBuiltin({ name: "app", module: given });
      assertEquals(handler.name, "app");
      assertEquals(await (await handler.fetch(request, {}))?.text(), "built in");
    });
  }

  test("keeps how its prom-client is loaded", async () => {
    const promClient = () => Promise.resolve({});
    assertEquals((await loadBuiltin({ name: "app", module, promClient })).promClient, promClient);
    assertEquals("promClient" in await loadBuiltin({ name: "app", module }), false);
  });

  test("rejects with what loading it threw", async () => {
    const load = () => Promise.reject(new RangeError("at import"));
    await assertRejects(() => loadBuiltin({ name: "app", module: load }), RangeError);
  });
});
