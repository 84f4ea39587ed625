/**
 * What `scripts/soak` runs.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { certificate } from "../../tests/support/certificate.ts";
import { account, compareMetrics } from "./account.ts";
import { Clients } from "./clients.ts";
import { Incidents } from "./incidents.ts";
import { maxBodySize } from "./plan.ts";
import { Prober } from "./prober.ts";
import { Random } from "./random.ts";
import { Receiver } from "./receiver.ts";
import { markdown, type Result } from "./report.ts";
import { hasOption, Service, versionOf } from "./service.ts";
import { parseSettings, type Settings, UsageError } from "./settings.ts";

/** So many descriptors more than at the start are no leak: what a process opens late, and keeps. */
const slack = 12;

/** How long Hurricane waits for what is in flight, in seconds. */
const shutdownTimeout = 8;

function settingsOf(words: readonly string[]): Settings {
  try {
    return parseSettings(words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`scripts/soak ${error.message}`);
    process.exit(2);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** The options for a certificate, which lies in this folder. */
function certificateIn(dir: string): string[] {
  const { cert, key } = certificate();
  writeFileSync(join(dir, "cert.pem"), cert);
  writeFileSync(join(dir, "key.pem"), key);
  return [`--tls-cert=${join(dir, "cert.pem")}`, `--tls-key=${join(dir, "key.pem")}`];
}

async function soak(settings: Settings, dir: string): Promise<Result> {
  const { form, minutes, seed } = settings;
  const abilities = { requestTimeout: hasOption(form, "--request-timeout") };
  writeFileSync(join(dir, "file.txt"), "A file.\n".repeat(3000));
  const receiver = new Receiver();
  await receiver.come();
  const args = [
    `--static=/static/=${dir}`,
    `--webhook-url=http://127.0.0.1:${receiver.port}/hook`,
    "--webhook-timeout=2s",
    "--max-inflight=1000",
    `--max-body-size=${maxBodySize}`,
    "--shutdown-delay=1s",
    `--shutdown-timeout=${shutdownTimeout}s`,
    ...(settings.tls ? certificateIn(dir) : []),
    ...(abilities.requestTimeout ? ["--request-timeout=4s"] : []),
  ];
  const ports: [number, number] = [await freePort(), await freePort()];
  const service = new Service(form, args, ports, join(dir, "log"));
  let clients: Clients | undefined;
  try {
    await service.serving();
    const prober = new Prober(service.probePort);
    await sleep(2000);
    const atStart = service.resources();

    clients = new Clients(service.port, settings, abilities);
    const incidents = new Incidents(service, receiver, new Random(seed, -1), settings.calm);
    const begun = performance.now();
    await incidents.happen(minutes * 60_000);
    await clients.order("finish", "rest");
    const seconds = (performance.now() - begun) / 1000;
    await service.settled();
    // A client that has left is noticed, and memory that is free is given back.
    await sleep(2000);
    const atEnd = service.resources();

    // What never settles would be cut off at the end: with its worker it goes now.
    const before = service.workers;
    service.signal("SIGHUP");
    await service.settled(before);
    const metrics = await prober.scrape();
    const scraped = service.logged;
    await prober.stop();

    await clients.order("burst", "burst");
    service.signal("SIGTERM");
    const exitCode = await service.exited;
    await clients.stop();
    await receiver.leave("gone");

    const log = service.log();
    const { kills } = incidents;
    const accounted = account(clients.outcomes, log.access, kills);
    const told = receiver.events.map(wordsOf);
    const changed = prober.changes.map(wordsOf);
    const leaked = atEnd.descriptors - atStart.descriptors;
    return {
      settings,
      versions: versionOf(form),
      seconds,
      outcomes: clients.outcomes,
      log,
      metrics,
      atScrape: service.log(scraped).access.length,
      accounted,
      incidents,
      prober,
      receiver,
      atStart,
      atEnd,
      exitCode,
      differences: [
        ...accounted.differences,
        ...compareMetrics(service.log(scraped).access, metrics, kills),
        ...log.broken.map((line) => `a line of the log that is no JSON: ${line.slice(0, 200)}`),
        ...prober.differences,
        ...(told.join() === changed.join()
          ? []
          : [`webhooks tell of ${told.join(", ")}, the probes of ${changed.join(", ")}`]),
        ...(leaked > slack ? [`${leaked} descriptors more at rest than at the start`] : []),
        ...(exitCode === 0 ? [] : [`the exit code is ${exitCode}`]),
      ],
    };
  } finally {
    clients?.kill();
    service.kill();
    await receiver.leave("gone");
  }
}

function wordsOf({ type, status }: { type: string; status: string }): string {
  return `${type} ${status}`;
}

const settings = settingsOf(process.argv.slice(2));
if (settings.form === "executable") {
  const build = fileURLToPath(new URL("../build", import.meta.url));
  execFileSync(build, { stdio: ["ignore", "ignore", "inherit"] });
}
const dir = mkdtempSync(join(tmpdir(), "hurricane-soak-"));
console.error(`scripts/soak: ${settings.minutes} min, ${settings.form}, seed ${settings.seed}`);
try {
  const result = await soak(settings, dir);
  const text = markdown(result);
  console.log(text);
  if (settings.report !== undefined) writeFileSync(settings.report, text);
  if (settings.keep) {
    writeFileSync(
      join(dir, "outcomes"),
      result.outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join(""),
    );
  }
  process.exitCode = result.differences.length === 0 ? 0 : 1;
} finally {
  if (settings.keep) console.error(`scripts/soak: log and outcomes are in ${dir}`);
  else rmSync(dir, { recursive: true });
}
