import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { saying } from "../support/handlers.ts";
import { form, launch, runtime, serve } from "../support/hurricane.ts";
import { rawRequest } from "../support/raw.ts";

const node = `import http from "node:http";
http.createServer((_req, res) => res.end("hello")).listen(3000);`;

/** What is answered to heads of somewhat more than so many bytes; "reset" where that is lost. */
async function statuses(url: string, ...lengths: number[]): Promise<(number | "reset")[]> {
  return await Promise.all(
    lengths.map((length) =>
      rawRequest(url, "/", { headers: { "X-Long": "a".repeat(length) } })
        .then(({ status }) => status, () => "reset" as const)
    ),
  );
}

describe(`--max-header-size (${form})`, { skip: runtime === "deno" }, () => {
  for (const [what, handler] of Object.entries({ fetch: saying("hello"), "node:http": node })) {
    test(`moves the limit of ${what}, up and down`, async () => {
      await using as = await serve(handler);
      assertEquals(await statuses(as.url(), 15_000, 17_000), [200, 431]);
      await using up = await serve(handler, { args: ["--max-header-size=64kb", "--workers=2"] });
      assertEquals(await statuses(up.url(), 60_000, 70_000), [200, 431]);
      await using down = await serve(handler, { args: ["--max-header-size=2kb"] });
      assertEquals(await statuses(down.url(), 1000, 3000), [200, 431]);
    });
  }

  test("counts for what stands before the handler in development", async () => {
    await using hurricane = await serve(saying("hello"), {
      args: ["--max-header-size=64kb", "--watch"],
    });
    assertEquals(await statuses(hurricane.url(), 60_000, 70_000), [200, 431]);
  });

  // In development the status page is there.
  for (const [watch, status] of [[[], 404], [["--watch"], 200]] as const) {
    test(`does not go down for the probes' port ${watch.join("")}`, async () => {
      await using hurricane = await serve(saying("hello"), {
        args: ["--max-header-size=2kb", ...watch],
      });
      assertEquals(await statuses(hurricane.url(), 1000, 3000), [200, 431]);
      assertEquals(await statuses(hurricane.probeUrl("/"), 3000), [status]);
    });
  }
});

describe(`--max-header-size (${form})`, { skip: runtime !== "deno" }, () => {
  test("is wrong use, for the limit cannot be moved", async () => {
    await using hurricane = launch(saying("hello"), { args: ["--max-header-size=32kb"] });
    assertEquals((await hurricane.exited).code, 2);
    const [message = ""] = hurricane.log.items.map(({ message }) => message);
    assertStringIncludes(message, "--max-header-size needs Bun or the executable");
  });

  test("the limits that are told of are those that there are", async () => {
    await using own = await serve(saying("hello"));
    const [taken, refused] = await statuses(own.url(), 64_000, 70_000);
    assertEquals([taken, refused === 400 || refused === "reset"], [200, true]);
    await using adopted = await serve(node);
    assertEquals(await statuses(adopted.url(), 15_000, 17_000), [200, 431]);
  });
});
