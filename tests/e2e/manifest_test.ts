import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { expand } from "../manifest/expand.ts";
import { readManifest } from "../manifest/made.ts";
import { freePort } from "../support/free_port.ts";
import { saying } from "../support/handlers.ts";
import { form, launch, run } from "../support/hurricane.ts";

describe(`a manifest (${form})`, () => {
  test("starts what its probes ask, with the arguments of its container", async () => {
    const [port, probePort] = [await freePort(), await freePort()];
    await using manifest = run([
      ...["manifest", "./handler.ts", "--image", "registry.example/web:1"],
      ...["--port", `${port}`, "--probe-port", `${probePort}`, "--readiness-probe", "/r"],
      ...["--command", `sh -c 'test "$$" -gt 0'`],
    ]);
    assertEquals(await manifest.exited, { code: 0, signal: null });
    assertEquals(manifest.stderr.items, []);
    const { container } = readManifest(manifest.stdout.items.join("\n"));
    const [serve, handler, ...args] = (container.args ?? []).map((argument) => expand(argument));
    assertEquals([serve, handler], ["serve", "./handler.ts"]);

    await using hurricane = launch(saying("hello"), { args: [...args, "--host=0.0.0.0"] });
    await hurricane.serving();
    assertEquals((await hurricane.get()).text, "hello");
    const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
    for (const probe of probes) {
      const named = container.ports?.find(({ name }) => name === probe?.httpGet.port);
      const url = `http://127.0.0.1:${named?.containerPort}${probe?.httpGet.path}`;
      assertEquals((await fetch(url)).status, 200, url);
    }
    assertEquals(await hurricane.stop(), 0);
  });
});
