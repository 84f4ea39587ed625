import type { StopOutcome } from "../../app/app.ts";
import type { MissingMetric } from "../../app/handler_metrics.ts";
import type { AppAddress, CheckResult } from "../../app/protocol.ts";
import { TracedError } from "../../errors.ts";
import type { Family } from "../../metrics/family.ts";
import type { AppSnapshot } from "../../metrics/snapshot.ts";

/** Why a worker ended. */
export interface WorkerExit {
  /** `exited with code 3` or `was killed by SIGKILL`. */
  reason: string;
  /** The error that it reported before, if it could. */
  error?: WorkerError;
  /** Did it end because it was told to? */
  asked: boolean;
}

/** The handler's own metrics of one process, and those of them that could not be read. */
export interface WorkerMetrics {
  metrics: Family[];
  missing: readonly MissingMetric[];
}

/** The handler did not start, or died: with the trace of the process in which that happened. */
export class WorkerError extends TracedError {
  override name = "WorkerError";
  /** The message and the stack with its causes, as text. */
  readonly trace: string;

  constructor(message: string, trace: string = message) {
    super(message);
    this.trace = trace;
  }
}

/** The end of a worker that nobody asked for, as an error. */
export function diedEarly({ reason, error }: WorkerExit): WorkerError {
  return new WorkerError(`its process ${reason}`, error?.trace ?? reason);
}

/**
 * One process that runs the handler, or the handler in this process, as the supervisor sees it.
 *
 * No question to it waits for longer than it is told to: the handler may block its event loop.
 */
export interface Worker {
  readonly pid: number;
  readonly address: AppAddress;
  /** The last counters that came. */
  readonly snapshot: AppSnapshot;
  /** How long nothing has been heard of its event loop, in milliseconds. */
  readonly silence: number;
  /** Called when its counters have come, and while nothing is heard of its event loop: at least every two seconds. */
  onPulse: () => void;
  /**
   * Resolves when the handler is imported and could {@linkcode listen}. Rejects with a
   * {@linkcode WorkerError} where it cannot be imported, or where the process dies over it.
   */
  readonly loaded: Promise<void>;
  /** Resolves when the worker has ended, however that came. */
  readonly exit: Promise<WorkerExit>;
  /** The files that the handler has imported so far, without packages, where it was asked for them. */
  readonly imports: readonly string[];
  /** Called when {@linkcode imports} has become more. */
  onImports: () => void;
  /** What the handler's own metrics said at its end, where it came to say so. */
  readonly lastMetrics: WorkerMetrics | undefined;
  /**
   * Starts to listen on a port; 0 picks a free one. Rejects with a {@linkcode WorkerError} where that
   * cannot be, or where the process dies; it has ended then.
   */
  listen(port: number): Promise<void>;
  /** Asks for a new snapshot, and waits for it for up to `patience` milliseconds. */
  refresh(patience: number): Promise<void>;
  /** Runs the handler's checks. Resolves with `undefined` where no answer comes in time. */
  runChecks(probe: "readiness" | "liveness"): Promise<CheckResult[] | undefined>;
  /**
   * The handler's own metrics, waited for for up to `timeout` milliseconds, and only while its event loop
   * turns; or why there are none.
   */
  handlerMetrics(timeout: number): Promise<WorkerMetrics | { error: string }>;
  /** Has new connections go to some of the sockets that share a port, see `app/steering.ts`. */
  steer(port: number, places: readonly number[] | null): Promise<boolean>;
  /** Each response asks its client to open another connection from now on. */
  drain(): void;
  /** Drains, lets requests in flight finish for up to `timeout` milliseconds, and ends. */
  stop(timeout: number): Promise<StopOutcome>;
  /** Passes a signal on. */
  signal(name: NodeJS.Signals): void;
  /** Ends it at once, with all processes that it has started and not moved elsewhere. */
  kill(): void;
}
