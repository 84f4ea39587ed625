import { describe, test } from "node:test";
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { spawnSync } from "node:child_process";
import { dashboard } from "../../src/monitoring/dashboard.ts";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { request } from "../support/http.ts";
import { serve } from "../support/hurricane.ts";
import { repository } from "../support/executable.ts";
import { Program } from "../support/program.ts";
import { RabbitMq, rabbitmqMissing } from "../support/rabbitmq.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually } from "../support/wait.ts";

const missing = spawnSync("prometheus", ["--version"]).error === undefined
  ? undefined
  : "skipped: prometheus is not installed (Debian has it in the package prometheus)";
if (missing !== undefined) console.log(`${missing} (prometheus_test.ts)`);
if (rabbitmqMissing !== undefined) {
  console.log(`${rabbitmqMissing} (its panels, prometheus_test.ts)`);
}

const handler = `
import { existsSync } from "node:fs";
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export default {
  async fetch(request: Request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") await pause(150);
    if (pathname === "/held") while (!existsSync("release")) await pause(20);
    const headers = { "content-length": "5" };
    if (pathname === "/sized") return new Response("sized", { headers });
    return new Response("", { status: pathname === "/fail" ? 503 : 200 });
  },
};
`;

interface Sample {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

/** A Prometheus with the configuration that the documentation recommends, in more of a hurry. */
class Prometheus implements AsyncDisposable {
  readonly #dir = new TempDir();
  readonly #program: Program;
  #url = "";

  constructor(target: string) {
    const docs = join(repository, "docs");
    let config = readFileSync(join(docs, "prometheus.yml"), "utf8");
    const hurry = { "localhost:8001": target, "interval: 15s": "interval: 200ms" };
    for (const [text, replacement] of Object.entries(hurry)) {
      assertStringIncludes(config, text);
      config = config.replaceAll(text, replacement);
    }
    const file = join(this.#dir.path, "prometheus.yml");
    writeFileSync(file, config);
    copyFileSync(join(docs, "prometheus-rules.yml"), join(this.#dir.path, "prometheus-rules.yml"));
    this.#program = new Program({
      file: "prometheus",
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(this.#dir.path, "data")}`,
        "--web.listen-address=127.0.0.1:0",
      ],
      env: { PATH: process.env["PATH"] ?? "" },
    });
  }

  async listening(): Promise<void> {
    const pattern = /Listening on.* address=(\S+)/;
    const line = await this.#program.stderr.until("its address", (line) => pattern.test(line));
    this.#url = `http://${pattern.exec(line)?.[1]}`;
    await this.#program.stderr.until("it to be ready", (line) => /Server is ready/.test(line));
  }

  /** Asks until there is an answer that will do. Gives the one value, or `NaN` for none. */
  async until(query: string, wanted: (value: number) => boolean): Promise<number> {
    let last: Sample[] = [];
    return await eventually(query, async () => {
      const url = `${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`;
      const answer = JSON.parse((await request(url)).text);
      assertEquals(answer.status, "success", JSON.stringify(answer));
      last = answer.data.result;
      const value = last.length === 1 ? Number(last[0]?.value[1]) : NaN;
      return wanted(value) && { value };
    }).then(({ value }) => value).catch((error) => {
      throw new Error(`${error.message}; the last answer was ${JSON.stringify(last)}`);
    });
  }

  /** How many series a query has. */
  async series(query: string): Promise<number> {
    const url = `${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`;
    const { status, data, error } = JSON.parse((await request(url)).text);
    assertEquals(status, "success", `${query}: ${error}`);
    return data.result.filter(({ value }: Sample) => value[1] !== "NaN").length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop();
    await this.#program[Symbol.asyncDispose]();
    this.#dir[Symbol.dispose]();
  }
}

describe("prometheus", { skip: missing ?? false }, () => {
  test("reads what it is to read, by the recommended configuration", async () => {
    await using hurricane = await serve(handler, { args: ["--command", "true"] });
    await using prometheus = new Prometheus(new URL(hurricane.probeUrl("/")).host);
    await prometheus.listening();
    await prometheus.until(`up{job="hurricane"}`, (value) => value === 1);

    const durations = "http_server_request_duration_seconds_count";
    const count = (status: number) =>
      `${durations}{http_request_method="GET",http_response_status_code="${status}"}`;
    // The first of each kind make the series, what follows is their rate.
    for (const path of ["/slow", "/fail"]) await hurricane.get(path);
    await prometheus.until(count(200), (value) => value === 1);
    await prometheus.until(count(503), (value) => value === 1);
    await Promise.all(Array.from({ length: 19 }, () => hurricane.get("/slow")));
    await hurricane.get("/fail");
    await prometheus.until(count(200), (value) => value === 20);
    await prometheus.until(count(503), (value) => value === 2);

    await prometheus.until("job:hurricane_requests:rate1m", (value) => value > 0);
    const errors = await prometheus.until(
      "job:hurricane_errors:ratio_rate1m",
      (value) => value > 0,
    );
    assertGreater(0.5, errors);
    // The bucket in which 150 ms fall begins at 100 ms.
    const p95 = "job:hurricane_request_duration_seconds:p95_1m";
    await prometheus.until(p95, (value) => value > 0.1);

    const held = Array.from({ length: 4 }, () => hurricane.get("/held"));
    const queue = "job:hurricane_request_queue_length:sum";
    await prometheus.until(queue, (value) => value === 4);
    await prometheus.until("hurricane_request_queue_limit", (value) => value === 100);
    writeFileSync(join(hurricane.dir, "release"), "");
    await Promise.all(held);
    await prometheus.until(queue, (value) => value === 0);

    await prometheus.until(`hurricane_command_duration_seconds{command="true"}`, (s) => s >= 0);
    await prometheus.until(`count(hurricane_info)`, (value) => value === 1);
    await prometheus.until(`count(scrape_samples_scraped > 0)`, (value) => value === 1);
    // Half of the few requests have failed, which is what the error budget's alerts are about.
    const alerts = 'count(ALERTS{alertname!~"HurricaneErrorBudget.*"}) or vector(0)';
    await prometheus.until(alerts, (value) => value === 0);
    assertEquals(await hurricane.stop(), 0);
    await prometheus.until(`up{job="hurricane"}`, (value) => value === 0);
  });

  test("has data for each panel of the dashboard", async () => {
    const checked = `${handler}
      export const checks = { readiness: { database() {} } };`;
    await using broker = rabbitmqMissing === undefined ? await RabbitMq.start() : undefined;
    const queue = await broker?.queue();
    await using hurricane = await serve(checked, {
      args: [
        ...["--command", "true", "--webhook-url=http://127.0.0.1:1/", "--max-inflight=100"],
        ...queue === undefined ? [] : [`--amqp-queue=${queue.name}`],
      ],
      env: broker === undefined ? {} : { HURRICANE_AMQP_URL: broker.url },
    });
    await using prometheus = new Prometheus(new URL(hurricane.probeUrl("/")).host);
    await prometheus.listening();
    for (const path of ["/ready", "/alive"]) await hurricane.probe(path);
    // Of the first of its kind nobody sees that it is more than before.
    for (const path of ["/sized", "/fail"]) await hurricane.get(path);
    await prometheus.until(`count(http_server_request_duration_seconds_count)`, (n) => n === 2);
    for (const path of ["/sized", "/fail"]) await hurricane.get(path);
    await queue?.publish(["first"]);
    if (queue !== undefined) {
      const acknowledged = `hurricane_amqp_messages_total{outcome="acknowledged"}`;
      await prometheus.until(acknowledged, (count) => count === 1);
      await queue.publish(["second"]);
    }
    const empty: string[] = [];
    let row = "";
    for (const panel of dashboard().panels) {
      if (panel.type === "row") row = panel.title;
      if (panel.type === "row" || row === "Messages" && queue === undefined) continue;
      for (const { expr } of panel.targets) {
        const query = expr.replaceAll("$__rate_interval", "1m")
          .replaceAll(/\$(namespace|service|pod)\b/g, ".*");
        const hasData = eventually(query, async () => await prometheus.series(query) > 0);
        await hasData.catch(() => empty.push(`${panel.title}: ${query}`));
      }
    }
    assertEquals(empty, []);
  });
});
