import { resolve as absolute } from "node:path";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { passedOn } from "../../../src/app/options.ts";
import { resolveOptions } from "../../../src/options/resolve.ts";
import type { ServeInput } from "../../../src/options/serve_input.ts";
import { appOptions } from "../../../src/supervisor/process/app_options.ts";

function made(input: ServeInput = {}) {
  return appOptions(resolveOptions(input, {}), false);
}

describe("the process around the handler", () => {
  test("gets options as they are", () => {
    const given = { checkTimeout: 2000, accessLog: true, static: ["/tmp"], maxBodySize: 1024 };
    const service = resolveOptions(given, {});
    const options = appOptions(service, false);
    for (const key of passedOn) assertEquals(options[key], service[key], key);
    assertEquals([options.checkTimeout, options.accessLog], [2000, true]);
  });

  test("gets no key for what is not given", () => {
    const absent = ["maxBodySize", "maxInflight", "tls"];
    assertEquals(Object.keys(made()).filter((key) => absent.includes(key)), []);
  });

  test("answers probes on its port where they share it", () => {
    assertEquals(made().probePaths, []);
    assertEquals(made({ port: 80, probePort: 80, startupProbe: "/s" }).probePaths, [
      ...["/s", "/ready", "/alive", "/metrics"],
    ]);
    assertEquals(appOptions(resolveOptions({}, {}), true).reusePort, true);
  });

  test("listens where clients are, but for hot reload", () => {
    assertEquals([made({ host: "::1" }).hostname, made().tellImports], ["::1", false]);
    const reloading = made({ host: "::1", autoreload: true });
    assertEquals([reloading.hostname, reloading.tellImports], ["127.0.0.1", true]);
  });

  test("gets its share of --max-inflight, and files by absolute paths", () => {
    assertEquals(made({ maxInflight: 5, workers: 2 }).maxInflight, 3);
    const tls = { cert: absolute("a"), key: absolute("b") };
    assertEquals(made({ tlsCert: "a", tlsKey: "b" }).tls, tls);
  });

  test("counts and is debugged as it is told", () => {
    assertEquals([made().metrics, made({ metrics: false }).metrics], [true, false]);
    assertEquals([made().inspector, made({ debugger: true }).inspector], [false, true]);
  });
});
