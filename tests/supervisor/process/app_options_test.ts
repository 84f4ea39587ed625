import { resolve as absolute } from "node:path";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { passedOn } from "../../../src/app/options.ts";
import { resolveOptions } from "../../../src/options/resolve.ts";
import type { ServeInput } from "../../../src/options/serve_input.ts";
import { appOptions } from "../../../src/supervisor/process/app_options.ts";

const listen = { hostname: "127.0.0.1", reusePort: false };

function made(input: ServeInput = {}) {
  return appOptions(resolveOptions(input, {}), listen);
}

describe("the process around the handler", () => {
  test("gets options as they are", () => {
    const given = { checkTimeout: 2000, accessLog: true, static: ["/tmp"], maxBodySize: 1024 };
    const service = resolveOptions(given, {});
    const options = appOptions(service, listen);
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
  });

  test("answers for the status page where that shares the port, and tells what it logs", () => {
    assertEquals([made().tellLog, made({ statusPage: true }).tellLog], [false, true]);
    assertEquals(made({ statusPage: true }).probePaths, []);
    const { probePaths } = made({ port: 80, probePort: 80, statusPage: true });
    assertEquals(probePaths.slice(4, 6), ["/status", "/status/events"]);
  });

  test("listens where it is told, whatever clients use", () => {
    const listen = { hostname: "127.0.0.9", reusePort: true };
    const { hostname, reusePort } = appOptions(resolveOptions({ host: "::1" }, {}), listen);
    assertEquals({ hostname, reusePort }, listen);
  });

  test("tells what it has imported where that is reloaded", () => {
    assertEquals([made().tellImports, made({ autoreload: true }).tellImports], [false, true]);
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
