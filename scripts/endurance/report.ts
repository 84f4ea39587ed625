import { table } from "../benchmark/markdown.ts";
import { type Account, countOf } from "./account.ts";
import type { Incidents } from "./incidents.ts";
import type { Outcome } from "./outcome.ts";
import type { Prober } from "./prober.ts";
import type { Receiver } from "./receiver.ts";
import { type Log, type Resources, workers } from "./service.ts";
import type { Settings } from "./settings.ts";

/** All that a soak has found. */
export interface Result {
  settings: Settings;
  versions: string;
  /** How long the load lasted. */
  seconds: number;
  outcomes: readonly Outcome[];
  log: Log;
  /** The requests of the last scrape by status, and how many lines the log had then. */
  metrics: ReadonlyMap<number, number>;
  atScrape: number;
  accounted: Account;
  incidents: Incidents;
  prober: Prober;
  receiver: Receiver;
  atStart: Resources;
  atEnd: Resources;
  exitCode: number | string;
  differences: readonly string[];
}

/** Of a line of the log so much is shown, in characters. */
const longest = 160;

/** At most so many differences are shown. */
const shown = 60;

/** The report, as Markdown. */
export function markdown(result: Result): string {
  const { settings, outcomes, differences, incidents, prober, receiver, accounted, log } = result;
  const { atStart, atEnd } = result;
  const { form, seed, rate, tls } = settings;
  const kinds = countOf(outcomes.map(({ kind }) => kind));
  const other = [...log.other].sort(([, a], [, b]) => b - a);
  return [
    `**${form}**, ${result.versions}: ${(result.seconds / 60).toFixed(1)} minutes, ` +
    `${rate} requests a second meant${tls ? " over TLS" : ""}, ${workers} workers, seed ${seed}. ` +
    `${outcomes.length} requests sent; ${incidents.reloads} reloads, ` +
    `${incidents.kills.length} workers killed, the receiver away ${incidents.absences} times; ` +
    `exit code ${result.exitCode}; **${differences.length} differences**.`,
    statuses(result),
    `Requests that a killed worker had: ${accounted.killed}; of what it had answered, ` +
    `${
      untold(result)
    } had not yet been told to the metrics. On a kept connection that the server ` +
    `had just closed, without a line in the log: ${sumOf(accounted.closedBefore)}${
      [...accounted.closedBefore].map(([kind, count]) => ` (after ${kind}: ${count})`).join("")
    }. Found nobody who ` +
    `listens, after SIGTERM: ${accounted.refused}. Of ${sumOf(accounted.left)} clients that left ` +
    `before their answer the log says ${
      [...accounted.left].map(([status, count]) => `${status}: ${count}`).join(", ") || "nothing"
    }.`,
    `Kinds: ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(", ")}.`,
    `Event streams without an end: ${kinds.get("endless") ?? 0}, of which ` +
    `${outcomes.filter(({ kind, seen }) => kind === "endless" && seen === "answer").length} were ` +
    `ended by \`onDrain\`; the others' clients left.`,
    `${prober.probes} probes and ${prober.scrapes} scrapes answered. Changes of state that the ` +
    `probes told: ${prober.changes.length}; webhooks received: ${receiver.events.length}, ` +
    `and ${receiver.again} of them again.`,
    table(["at rest", "at the start", "at the end"], [
      ["processes", `${atStart.processes}`, `${atEnd.processes}`],
      ["memory in MB", megabytes(atStart.memory), megabytes(atEnd.memory)],
      [
        "– the supervisor's",
        megabytes(atStart.supervisorMemory),
        megabytes(atEnd.supervisorMemory),
      ],
      ["descriptors", `${atStart.descriptors}`, `${atEnd.descriptors}`],
      [
        "– the supervisor's",
        `${atStart.supervisorDescriptors}`,
        `${atEnd.supervisorDescriptors}`,
      ],
    ]),
    `Memory under load, at ten moments, in MB: ${
      tenOf(incidents.memory).map(({ all, supervisor }) =>
        `${megabytes(all)} (${megabytes(supervisor)} the supervisor's)`
      ).join(", ")
    }.`,
    "The log besides the access log:",
    other.map(([line, count]) => `- ${count} × \`${line.slice(0, longest)}\``).join("\n"),
    ...(differences.length === 0 ? [] : [
      "Differences:",
      differences.slice(0, shown).map((difference) => `- ${difference}`).join("\n"),
      ...(differences.length > shown ? [`and ${differences.length - shown} more.`] : []),
    ]),
  ].join("\n\n") + "\n";
}

/** What the clients saw, what the log says and what the metrics counted. */
function statuses({ outcomes, log, metrics, atScrape }: Result): string {
  const seen = countOf(outcomes.map(({ seen, status }) => {
    if (seen === "answer") return `${status}`;
    return status === undefined ? seen : `${status}, then ${seen}`;
  }));
  const logged = countOf(log.access.map(({ status }) => `${status}`));
  const early = countOf(log.access.slice(0, atScrape).map(({ status }) => `${status}`));
  const rows = [...new Set([...seen.keys(), ...logged.keys()])].sort().map((status) => [
    status,
    `${seen.get(status) ?? ""}`,
    `${logged.get(status) ?? ""}`,
    `${early.get(status) ?? ""}`,
    `${metrics.get(Number(status)) ?? ""}`,
  ]);
  return table(["", "clients", "log", "log at the last scrape", "metrics then"], rows);
}

/** How many lines the log had at the last scrape beyond what the metrics had counted. */
function untold({ atScrape, metrics }: Result): number {
  return atScrape - sumOf(metrics);
}

function sumOf(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)}`;
}

/** Ten of a list, evenly; all where there are no more. */
function tenOf<T>(list: readonly T[]): T[] {
  const step = Math.max(1, list.length / 10);
  return list.filter((_, index) => index % step < 1);
}
