/** @jsxImportSource hono/jsx */
// Keys are for what is rendered again in its place.
// deno-lint-ignore-file jsx-key
/**
 * What the status page says, section by section. Each is rendered anew once a second, and sent where it
 * has changed: so nothing in them can have the focus, and times are times of day.
 *
 * @module
 */
import type { FC, PropsWithChildren } from "hono/jsx";
import { bytes, duration, rounded } from "./format.ts";
import type {
  ProbeAnswer,
  ShownCommand,
  ShownLine,
  ShownQueue,
  ShownWorker,
  StatusModel,
} from "./model.ts";
import { Plots } from "./plots.tsx";

type Section = FC<{ model: StatusModel }>;

/** A time of day. The browser's script writes it in the browser's own time zone. */
const At: FC<{ time: number }> = ({ time }) => {
  const iso = new Date(time).toISOString();
  return <time datetime={iso}>{iso.slice(11, 19)} UTC</time>;
};

/** A word with a colour, for those who see it. */
const Mark: FC<PropsWithChildren<{ kind: "good" | "bad" | "busy" | "plain" }>> = (
  { kind, children },
) => <strong class={`mark ${kind}`}>{children}</strong>;

const phaseKinds = {
  starting: "busy",
  serving: "good",
  draining: "busy",
  failed: "bad",
  stopped: "plain",
} as const;

const State: Section = ({ model: { phase, detail, since, url, startupSeconds } }) => (
  <>
    <p class="state">
      <Mark kind={phaseKinds[phase]}>{phase}</Mark> since <At time={since} />
    </p>
    {detail === "" ? null : <p class="detail">{detail}</p>}
    {phase === "serving" && url !== undefined
      ? <p>on {url}, started in {duration(startupSeconds ?? 0)}</p>
      : null}
  </>
);

const Probes: Section = ({ model: { probes } }) => (
  <ul class="cards">
    {probes.map(({ type, path, answer }) => (
      <li>
        <h3>
          {type} <code>{path}</code>
        </h3>
        {answer === undefined ? <p>Not asked yet.</p> : <Answer answer={answer} />}
      </li>
    ))}
  </ul>
);

const Answer: FC<{ answer: ProbeAnswer }> = ({ answer }) => (
  <>
    <p>
      <Mark kind={answer.status === 200 ? "good" : "bad"}>{answer.status}</Mark> at{" "}
      <At time={answer.time} />
      {answer.askedHere ? ", asked by this page" : ""}
    </p>
    <p class="detail">{answer.message}</p>
    {answer.checks.length === 0 ? null : (
      <ul class="checks">
        {answer.checks.map(({ name, status, duration_ms, message, details }) => (
          <li>
            <Mark kind={status === "succeeded" ? "good" : "bad"}>{status}</Mark> {name}{" "}
            ({duration(duration_ms / 1000)}){message === undefined ? "" : `: ${message}`}
            {details === undefined ? null : (
              <>
                <code>{JSON.stringify(details)}</code>
              </>
            )}
          </li>
        ))}
      </ul>
    )}
  </>
);

const Load: Section = ({ model }) => {
  const { length, limit, handler, kernel } = model.queue;
  return (
    <>
      <p>
        Queue: <Mark kind={length > limit ? "bad" : "good"}>{length} of {limit}</Mark> ({handler}
        {" "}
        in the handler, {kernel ?? "unknown"} in the kernel)
      </p>
      <div class="plots">
        <Plots model={model} />
      </div>
    </>
  );
};

const Workers: Section = ({ model }) => {
  const { phase, workers, wanted, restarts, happenings } = model;
  const missing = phase !== "serving"
    ? 0
    : wanted - workers.filter(({ state }) => state === "serving").length;
  return (
    <>
      {missing > 0
        ? (
          <p>
            <Mark kind="bad">{missing} of {wanted} missing</Mark>
          </p>
        )
        : null}
      {workers.length === 0 ? <p>None is up.</p> : (
        <table>
          <thead>
            <tr>
              {["Process", "State", "Since", "Memory", "Answered", "In flight", "Loop delay"].map((
                name,
              ) => <th scope="col">{name}</th>)}
            </tr>
          </thead>
          <tbody>{workers.map((worker) => <WorkerRow worker={worker} />)}</tbody>
        </table>
      )}
      <p>
        Restarts: {restarts.length === 0
          ? "none"
          : restarts.map(([reason, count]) => `${reason} ${count}`).join(", ")}
      </p>
      <Events of={happenings} />
    </>
  );
};

const WorkerRow: FC<{ worker: ShownWorker }> = ({ worker }) => (
  <tr>
    <th scope="row">{worker.pid}</th>
    <td>{worker.state}</td>
    <td>{worker.since === undefined ? "–" : <At time={worker.since} />}</td>
    <td>{worker.memory === undefined ? "–" : bytes(worker.memory)}</td>
    <td>{worker.answered}</td>
    <td>{worker.inFlight}</td>
    <td>{duration(worker.loopDelay)}</td>
  </tr>
);

/** The newest first. */
const Events: FC<{ of: StatusModel["happenings"] }> = ({ of }) =>
  of.length === 0 ? null : (
    <ol class="events">
      {of.toReversed().map(({ time, text }) => (
        <li>
          <At time={time} /> {text}
        </li>
      ))}
    </ol>
  );

const Servers: Section = ({ model: { workers } }) => {
  const adopted = new Set(workers.flatMap(({ adopted }) => adopted ?? []));
  if (adopted.size === 0) return <p>None is adopted.</p>;
  return (
    <ul>
      {[...adopted].map((server) => <li>{server} is adopted</li>)}
    </ul>
  );
};

const outcomeKinds = {
  waiting: "plain",
  running: "busy",
  succeeded: "good",
  failed: "bad",
  interrupted: "plain",
} as const;

const Commands: Section = ({ model: { commands } }) =>
  commands.length === 0 ? <p>None is to run (--command).</p> : (
    <ol>
      {commands.map((command) => <Command command={command} />)}
    </ol>
  );

const Command: FC<{ command: ShownCommand }> = ({ command }) => {
  const { name, outcome, seconds, output } = command;
  return (
    <li>
      <p>
        <code>{name}</code> <Mark kind={outcomeKinds[outcome]}>{outcome}</Mark>
        {seconds === undefined
          ? ""
          : ` ${outcome === "running" ? "for" : "in"} ${duration(seconds)}`}
      </p>
      {output.length === 0 ? null : <pre>{output.join("\n")}</pre>}
    </li>
  );
};

const Webhooks: Section = ({ model: { webhooks } }) =>
  webhooks.length === 0 ? <p>Nobody gets any (--webhook-url).</p> : (
    <table>
      <thead>
        <tr>
          {["Receiver", "Sent", "Pending", "Failed", "Dropped", "Trouble"].map((name) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {webhooks.map(({ url, delivered, pending, failed, dropped, trouble }) => (
          <tr>
            <th scope="row">{url}</th>
            <td>{delivered}</td>
            <td>{pending}</td>
            <td>{failed}</td>
            <td>{dropped}</td>
            <td>
              {trouble === undefined ? "none" : (
                <>
                  <Mark kind="bad">{trouble.reason}</Mark> at <At time={trouble.time} />
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );

const Messages: Section = ({ model: { messages } }) => {
  if (messages === undefined) return <p>None are taken from a broker (--amqp-url).</p>;
  const { broker, obstacle, queues } = messages;
  return (
    <>
      <p>
        <Mark kind={obstacle === undefined ? "good" : "bad"}>
          {obstacle === undefined ? "taken" : "not taken"}
        </Mark>{" "}
        from {broker}
      </p>
      {obstacle === undefined ? null : <p class="detail">{obstacle}</p>}
      <table>
        <thead>
          <tr>
            {[
              ...["Queue", "Posted to", "Waiting", "In the handler", "A second"],
              ...["Acknowledged", "Retried", "Rejected", "Returned"],
            ].map((name) => <th scope="col">{name}</th>)}
          </tr>
        </thead>
        <tbody>{queues.map((queue) => <QueueRow queue={queue} />)}</tbody>
      </table>
    </>
  );
};

const QueueRow: FC<{ queue: ShownQueue }> = ({ queue }) => (
  <tr>
    <th scope="row">{queue.name}</th>
    <td>{queue.path}</td>
    <td>{queue.waiting ?? "–"}</td>
    <td>{queue.inFlight}</td>
    <td>{queue.rate === undefined ? "–" : rounded(queue.rate)}</td>
    <td>{queue.acknowledged}</td>
    <td>{queue.retried}</td>
    <td>{queue.rejected}</td>
    <td>{queue.returned}</td>
  </tr>
);

const Reloads: Section = ({ model: { reloading, reloads } }) => {
  if (!reloading) return <p>Edits are not watched for (--autoreload).</p>;
  if (reloads.length === 0) return <p>None yet.</p>;
  return (
    <ol class="events">
      {reloads.toReversed().map(({ time, files, seconds, error }) => (
        <li>
          <At time={time} /> {files.length === 0 ? "the handler" : files.join(", ")}:{" "}
          {error === undefined ? <>served after {duration(seconds)}</> : (
            <>
              <Mark kind="bad">not served</Mark> {error}
            </>
          )}
        </li>
      ))}
    </ol>
  );
};

const Log: Section = ({ model: { log } }) =>
  log.length === 0 ? <p>Nothing yet.</p> : (
    <ol class="log">
      {log.toReversed().map((line) => <LogLine line={line} />)}
    </ol>
  );

const LogLine: FC<{ line: ShownLine }> = ({ line: { time, level, part, message } }) => (
  <li class={level}>
    <At time={time} /> <span class="level">{level}</span> <span class="part">{part}</span> {message}
  </li>
);

/** A section of the page. */
export interface SectionOf {
  /** By which the browser's script finds it. */
  id: string;
  title: string;
  content: Section;
  /** Is it read out when it changes? */
  announced?: true;
  /** May it be wider or higher than its room? Then it can be scrolled, with the keyboard as well. */
  scrolls?: true;
}

/** All sections in their order. */
export const sections: readonly SectionOf[] = [
  { id: "state", title: "State", content: State, announced: true },
  { id: "probes", title: "Probes", content: Probes },
  { id: "load", title: "Load", content: Load },
  { id: "workers", title: "Workers", content: Workers, scrolls: true },
  { id: "messages", title: "Messages", content: Messages, scrolls: true },
  { id: "webhooks", title: "Webhooks", content: Webhooks, scrolls: true },
  { id: "commands", title: "Commands", content: Commands },
  { id: "reloads", title: "Reloads", content: Reloads },
  { id: "servers", title: "Servers of the handler's own", content: Servers },
  { id: "log", title: "Log", content: Log, scrolls: true },
];
