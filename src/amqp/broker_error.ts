import { messageOf } from "../errors.ts";
import { redactBroker } from "./url.ts";

/** Nothing can come of this connection as long as nobody changes something at the broker or here. */
export class Refused extends Error {
  override name = "Refused";
}

/** The broker is not there, or not now. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** Reply codes of AMQP 0-9-1 by which a broker refuses for good: access, a queue or a host unknown. */
const lasting: ReadonlySet<number> = new Set([402, 403, 404, 406, 530]);

/** What the broker said, without its code's name: `no queue 'jobs' in vhost '/'`. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  const [, said] = /with message "(.*)"/s.exec(message) ?? [];
  return (said ?? message).replace(/^[A-Z_]+ - /, "");
}

function codeOf(error: unknown): number {
  const { code } = Object(error) as { code?: unknown };
  if (typeof code === "number") return code;
  return Number(/\b([345]\d\d) \([A-Z-_]+\)/.exec(messageOf(error))?.[1]);
}

/**
 * The error about what failed at the broker.
 *
 * @param what What could not be done: `the queue "jobs" cannot be consumed`.
 */
export function brokerError(what: string, error: unknown): Refused | Unreachable {
  const reason = reasonOf(error);
  // A queue whose node is down is answered with "not found".
  const passes = /\bdown or inaccessible\b/.test(reason) || !lasting.has(codeOf(error));
  const Kind = passes ? Unreachable : Refused;
  return new Kind(`${what}: ${reason}`, { cause: error });
}

/** The error about a connection that could not be opened. */
export function connectError(url: string, error: unknown): Refused | Unreachable {
  return brokerError(`no connection to the broker ${redactBroker(url)}`, error);
}
