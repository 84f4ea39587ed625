import type { BuiltinHandler } from "../app/handler.ts";
import { configureBackgroundLog, flushLog, logger, showStatus } from "../log.ts";
import { isPretty, toTerminal } from "../log/line.ts";
import type { MessagePump } from "../supervisor/amqp/message_pump.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import { frontFor } from "../supervisor/front/choose.ts";
import { AppProcess } from "../supervisor/process/app_process.ts";
import { withholdOwnVariables } from "../supervisor/process/app_spawn.ts";
import { MemoryCgroup } from "../supervisor/memory/cgroup.ts";
import { reapOrphans } from "../supervisor/reaper.ts";
import { Service } from "../supervisor/service.ts";
import { obeySignals } from "../supervisor/signals.ts";
import { tellTermination } from "../supervisor/termination_log.ts";
import type { ServeInvocation } from "./commands/serve_parse.ts";

/**
 * Runs the service of `hurricane serve` until it is told to stop, or has to.
 *
 * @returns The exit code, as {@linkcode Service} gives it.
 */
export async function runService(
  invocation: ServeInvocation,
  builtin?: BuiltinHandler,
): Promise<number> {
  const { options, warnings, handler } = invocation;
  configureBackgroundLog(options);
  withholdOwnVariables();
  const log = logger("supervisor");
  for (const warning of warnings) {
    log.warn("{warning}", { warning });
  }
  const file = builtin === undefined ? { handler } : {};
  const front = await frontFor(
    options,
    (options, respond) => new AppProcess({ ...file, options }, respond),
    file.handler,
  );
  // In development it is the developer's machine that is limited, if anything is.
  const watched = options.maxMemory !== "none" && !options.autoreload;
  const cgroup = watched ? MemoryCgroup.own() : undefined;
  const pump = await pumpFor(options);
  const service = new Service(options, front, tellTermination, { cgroup, pump });
  obeySignals(service);
  reapOrphans();
  // Why it does not start is in the log and in the exit code.
  service.start().catch(() => service.kill(1));
  if (isPretty(options.logFormat) && toTerminal()) {
    // Late: nobody at a terminal waits for this, and elsewhere nobody needs it.
    const { attendTerminal } = await import(
      "../supervisor/development/terminal.ts" as string
    ) as typeof import("../supervisor/development/terminal.ts");
    attendTerminal(service, options.autoreload);
  }
  const code = await service.finished;
  showStatus("");
  await flushLog();
  return code;
}

/** Late: most services have no broker. */
async function pumpFor(options: ServiceOptions): Promise<MessagePump | undefined> {
  if (options.amqpUrl === undefined) return undefined;
  const { pumpProcess } = await import(
    "../supervisor/amqp/pump_process.ts" as string
  ) as typeof import("../supervisor/amqp/pump_process.ts");
  return pumpProcess(options.amqpUrl, options);
}
