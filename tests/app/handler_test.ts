import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { handlerFrom, type ModuleExports, NotAHandler } from "../../src/app/handler.ts";

const request = new Request("http://handler/");
const answer = (text: string) => () => new Response(text);

async function says(module: ModuleExports): Promise<string | undefined> {
  return (await handlerFrom("it", module).fetch(request, {}))?.text();
}

describe("handlerFrom finds", () => {
  class App {
    readonly text = "a method that needs its object";
    fetch(): Response {
      return new Response(this.text);
    }
  }
  const forms: Record<string, ModuleExports> = {
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
  const empty: Record<string, [ModuleExports, string]> = {
    "a module without exports": [{}, "it exports nothing"],
    "a default export that is null": [{ default: null }, "it exports default"],
    "a fetch that is no function": [
      { default: { fetch: 5 }, fetch: "x", a: 1 },
      "what it exports as default.fetch is a number",
    ],
  };
  for (const [name, [module, message]] of Object.entries(empty)) {
    test(name, () => {
      const error = assertThrows(() => handlerFrom("/app/h.ts", module), NotAHandler, message);
      assertEquals(error.name, "NotAHandler");
      assertStringIncludes(error.message, "/app/h.ts has no handler");
    });
  }

  class App {
    fetch(): void {}
  }
  const unfinished: Record<string, [unknown, string]> = {
    "a class": [App, "exports the class App; export an object of it: export default new App()"],
    "a promise": [Promise.resolve({}), "exports a promise; export default await what it promises"],
  };
  for (const [name, [main, message]] of Object.entries(unfinished)) {
    test(name, () => {
      assertThrows(() => handlerFrom("/app/h.ts", { default: main }), NotAHandler, message);
    });
  }

  const wrong: [ModuleExports, string][] = [
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
      assertThrows(() => handlerFrom("it", module), NotAHandler, message);
    });
  }
});
