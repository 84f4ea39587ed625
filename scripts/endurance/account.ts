/**
 * Holds what the clients saw against the access log, request by request, and the log against the metrics.
 *
 * @module
 */
import type { Outcome } from "./outcome.ts";

/** A line of the access log. */
export interface LogLine {
  id: number;
  status: number;
  /** In milliseconds of the system's clock. */
  time: number;
}

/** A worker was killed: in milliseconds of the system's clock. */
export interface Kill {
  /** When the signal was sent. */
  sent: number;
  /** When its process was gone. Until then it may have taken connections: a signal takes its time. */
  gone: number;
}

/** The workers that were killed. */
export type Kills = readonly Kill[];

/** How long what a client has seen may wait for its line in the log, in milliseconds. */
const unwritten = 500;

/**
 * How long after it was sent a request may be told that its connection had just been closed, in
 * milliseconds: as long as clients on a busy machine may take to look.
 */
const crossing = 1500;

/** A worker tells its counters four times a second; what comes after that is lost, in milliseconds. */
const unsaid = 350;

/** What {@linkcode account} finds. */
export interface Account {
  /** One sentence for each. */
  differences: string[];
  /** Requests that a killed worker had, whose end nobody can know. */
  killed: number;
  /** Requests on a kept connection that the server had just closed, and which it has not taken, by what came before. */
  closedBefore: Map<string, number>;
  /** Requests that found nobody who listens. */
  refused: number;
  /** Clients that left before their answer, by what the log says of them. */
  left: Map<number, number>;
}

/**
 * The equation, for each request that was sent:
 *
 * - a whole answer: one line with its status, which is the one that the handler gave;
 * - left after the head of the answer: one line with its status;
 * - left before that: one line with 499, or with the status that the handler gave, for the answer may
 *   have been on its way;
 * - closed or reset at once on a connection that had been used before: no line, for the server had not
 *   taken it, and closed the connection as the request was sent;
 * - nobody listened: no line.
 *
 * Everything else is a difference, but for what a killed worker had. And no line is of another request.
 */
export function account(
  outcomes: readonly Outcome[],
  lines: readonly LogLine[],
  kills: Kills,
): Account {
  const found: Account = {
    differences: [],
    killed: 0,
    closedBefore: new Map(),
    refused: 0,
    left: new Map(),
  };
  const statuses = new Map<number, number[]>();
  for (const { id, status } of lines) {
    const known = statuses.get(id);
    if (known === undefined) statuses.set(id, [status]);
    else known.push(status);
  }
  for (const outcome of outcomes) {
    const logged = statuses.get(outcome.id) ?? [];
    statuses.delete(outcome.id);
    const difference = differenceOf(outcome, logged);
    const closed = outcome.seen === "reset" || outcome.seen === "closed";
    if ((difference !== undefined || closed) && hadByKilled(outcome, kills)) found.killed++;
    else if (difference !== undefined) {
      found.differences.push(`request ${outcome.id} (${outcome.kind}): ${difference}`);
    } else if (outcome.seen === "refused") found.refused++;
    else if (closed) {
      const before = outcome.reused?.after ?? "";
      found.closedBefore.set(before, (found.closedBefore.get(before) ?? 0) + 1);
    } else if (outcome.seen === "left" && outcome.status === undefined) {
      const status = logged[0] ?? 0;
      found.left.set(status, (found.left.get(status) ?? 0) + 1);
    }
  }
  for (const [id, logged] of statuses) {
    found.differences.push(`request ${id}: ${wordsOf(logged)}, and no client has sent it`);
  }
  return found;
}

function differenceOf(outcome: Outcome, logged: readonly number[]): string | undefined {
  const { seen, status, meant, reused, fault } = outcome;
  const saw = `the client saw ${seen}${status === undefined ? "" : ` ${status}`}` +
    `${reused ? ` on a connection kept for ${reused.idle} ms after ${reused.after}` : ""}, ` +
    wordsOf(logged);
  if (fault !== undefined) return `${saw}; ${fault}`;
  const one = logged.length === 1 ? logged[0] : undefined;
  switch (seen) {
    case "answer":
      if (status !== meant) return `${saw}; meant was ${meant}`;
      return one === status ? undefined : saw;
    case "left":
      if (status !== undefined) return one === status ? undefined : saw;
      return one === 499 || one === meant ? undefined : saw;
    case "reset":
    case "closed":
      return reused !== undefined && status === undefined && logged.length === 0 &&
          outcome.ended - outcome.sent <= crossing
        ? undefined
        : saw;
    case "refused":
      return logged.length === 0 ? undefined : saw;
    case "silent":
      return saw;
  }
}

function wordsOf(logged: readonly number[]): string {
  return logged.length === 0 ? "the log has no line" : `the log says ${logged.join(" and ")}`;
}

function hadByKilled({ sent, ended }: Outcome, kills: Kills): boolean {
  return kills.some((kill) => sent <= kill.gone && ended >= kill.sent - unwritten);
}

/** How many there are of each. */
export function countOf<T>(items: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/**
 * The lines of the log against the metrics, by status: they are equal, but for what a killed worker had
 * answered and not yet told the supervisor.
 */
export function compareMetrics(
  lines: readonly LogLine[],
  metrics: ReadonlyMap<number, number>,
  kills: Kills,
): string[] {
  const logged = countOf(lines.map(({ status }) => status));
  const untold = countOf(
    lines.filter(({ time }) => kills.some((kill) => time > kill.sent - unsaid && time <= kill.gone))
      .map(({ status }) => status),
  );
  const differences: string[] = [];
  for (const status of new Set([...logged.keys(), ...metrics.keys()])) {
    const [log, counted] = [logged.get(status) ?? 0, metrics.get(status) ?? 0];
    const lost = log - counted;
    if (lost < 0 || lost > (untold.get(status) ?? 0)) {
      differences.push(`status ${status}: ${log} lines in the log, ${counted} in the metrics`);
    }
  }
  return differences;
}

/** The requests of a scrape by status. */
export function statusesOf(scrape: string): Map<number, number> {
  const counts = new Map<number, number>();
  const pattern =
    /^http_server_request_duration_seconds_count\{.*http_response_status_code="(\d+)".*\} (\d+)$/gm;
  for (const [, status, count] of scrape.matchAll(pattern)) {
    counts.set(Number(status), (counts.get(Number(status)) ?? 0) + Number(count));
  }
  return counts;
}
