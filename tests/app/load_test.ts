import { describe, test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Handler, NotAHandler } from "../../src/app/handler.ts";
import { loadBuiltin, loadHandler } from "../../src/app/load.ts";
import { TempDir } from "../support/temp_dir.ts";

const request = new Request("http://handler/");
const answer = (text: string) => () => new Response(text);

async function says(handler: Handler): Promise<string | undefined> {
  assert("fetch" in handler);
  return (await handler.fetch(request, {}))?.text();
}

describe("loadHandler", () => {
  test("imports a file, whatever its name", async () => {
    using dir = new TempDir();
    const file = dir.file("a #1 ä%20.ts", "export default (): Response => new Response('loaded');");
    const { handler } = await loadHandler(file);
    assertEquals(handler.name, file);
    assertEquals(await says(handler), "loaded");
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
      const { handler } = await loadBuiltin({ name: "app", module: given });
      assertEquals(handler.name, "app");
      assertEquals(await says(handler), "built in");
    });
  }

  test("keeps how its prom-client is loaded", async () => {
    const promClient = () => Promise.resolve({});
    const { handler } = await loadBuiltin({ name: "app", module, promClient });
    assertEquals(handler.promClient, promClient);
    assertEquals("promClient" in (await loadBuiltin({ name: "app", module })).handler, false);
  });

  test("rejects with what loading it threw", async () => {
    const load = () => Promise.reject(new RangeError("at import"));
    await assertRejects(() => loadBuiltin({ name: "app", module: load }), RangeError);
  });
});
