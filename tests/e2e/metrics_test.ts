import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { form, launch, runtime, serve } from "../support/hurricane.ts";
import { saying } from "../support/handlers.ts";

const handler = `
import { Counter, register } from "prom-client";
const orders = new Counter({ name: "shop_orders_total", help: "Orders.", labelNames: ["kind"] });
orders.inc({ kind: "book" }, 3);
export default {
  fetch(request: Request) {
    const status = Number(new URL(request.url).pathname.slice(1)) || 200;
    return new Response("12345", { status });
  },
};
`;

describe(`metrics (${form})`, () => {
  test("count requests by method and status, and bound both", async () => {
    await using hurricane = await serve(handler, { packages: ["prom-client"] });
    for (
      const [method, path] of [["GET", "/"], ["GET", "/"], ["POST", "/503"], ["PROPFIND", "/"]]
    ) {
      await hurricane.get(path, { method: method as string });
    }
    const { headers, text } = await hurricane.probe("/metrics");
    assertMatch(headers["content-type"] ?? "", /^text\/plain;.*version=0\.0\.4/);
    const count = (method: string, status: number) =>
      text.split("\n").find((line) =>
        line.startsWith("http_server_request_duration_seconds_count{") &&
        line.includes(`http_request_method="${method}"`) &&
        line.includes(`http_response_status_code="${status}"`)
      )?.split(" ")[1];
    assertEquals(
      [count("GET", 200), count("POST", 503), count("_OTHER", 200)],
      ["2", "1", "1"],
    );
    for (
      const line of [
        /^http_server_active_requests 0$/m,
        /^http_server_response_body_size_bytes_sum.* \d+$/m,
        /^hurricane_request_queue_length\{part="kernel"\} 0$/m,
        /^hurricane_startup_duration_seconds 0\.\d+$/m,
        /^hurricane_probe_healthy\{probe="startup"\} 1$/m,
        /^hurricane_event_loop_delay_seconds/m,
        new RegExp(`^hurricane_info\\{[^}]*runtime="${runtime}[^}]*\\} 1$`, "m"),
        /^process_resident_memory_bytes/m,
        /^process_cpu_seconds_total/m,
        /^shop_orders_total\{kind="book"\} 3$/m,
      ]
    ) assertMatch(text, line);
  });

  test("have all of many series, and what they lack is in the log", async () => {
    await using hurricane = await serve(
      `
      import { Counter, Gauge } from "prom-client";
      let hang = false;
      new Gauge({ name: "depth", help: "x", collect: () => hang ? new Promise(() => {}) : undefined });
      const paths = new Counter({ name: "paths_total", help: "Paths.", labelNames: ["path"] });
      for (let path = 0; path < 30_000; path++) paths.inc({ path: "/some/where/" + path });
      export default { fetch: () => (hang = true, new Response("from now on")) };`,
      { packages: ["prom-client"] },
    );
    const headers = { "X-Prometheus-Scrape-Timeout-Seconds": "60" };
    const series = async () => {
      const { text } = await hurricane.probe("/metrics", { headers });
      return text.match(/^paths_total\{/gm)?.length;
    };
    assertEquals(await series(), 30_000);
    await hurricane.get();
    headers["X-Prometheus-Scrape-Timeout-Seconds"] = "1";
    assertEquals(await series(), 30_000);
    await hurricane.logged(
      /^the handler's metric depth cannot be read, and is missing: .*takes longer than 800ms$/,
    );
  });

  test("come as OpenMetrics where Accept asks for it", async () => {
    await using hurricane = await serve(saying("hello"));
    const { headers, text } = await hurricane.probe("/metrics", {
      headers: { accept: "application/openmetrics-text; version=1.0.0" },
    });
    assertMatch(headers["content-type"] ?? "", /^application\/openmetrics-text/);
    assertMatch(text, /# EOF\n$/);
  });

  test("are absent with --no-metrics; the probes stay", async () => {
    await using hurricane = await serve(saying("hello"), { args: ["--no-metrics"] });
    assertEquals((await hurricane.probe("/metrics")).status, 404);
    assertEquals((await hurricane.probe("/ready")).status, 200);
  });

  test("tell what the commands took even while starting", async () => {
    await using hurricane = launch(saying("hello"), {
      args: ["--command", "true", "--command", `sh -c 'echo second; sleep 1000'`],
    });
    await hurricane.probing();
    await hurricane.log.until("the second command", ({ line }) => line === "second");
    const { status, text } = await hurricane.probe("/metrics");
    assertEquals(status, 200);
    assertStringIncludes(text, `hurricane_command_duration_seconds{command="true"}`);
    assertEquals(await hurricane.stop(), 143);
  });
});
