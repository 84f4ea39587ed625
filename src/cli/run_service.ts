import type { BuiltinHandler } from "../app/handler.ts";
import { configureBackgroundLog, flushLog, logger } from "../log.ts";
import type { MessagePump } from "../supervisor/amqp/message_pump.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import { frontFor } from "../supervisor/front/choose.ts";
import { AppProcess } from "../supervisor/process/app_process.ts";
import { withholdOwnVariables } from "../supervisor/process/app_spawn.ts";
import { memoryWarnings } from "../supervisor/memory_limit.ts";
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
  for (const warning of [...warnings, ...memoryWarnings(options)]) {
    log.warn("{warning}", { warning });
  }
  const file = builtin === undefined ? { handler } : {};
  const front = await frontFor(
    options,
    (options, respond) => new AppProcess({ ...file, options }, respond),
    file.handler,
  );
  const service = new Service(options, front, tellTermination, await pumpFor(options));
  obeySignals(service);
  reapOrphans();
  // Why it does not start is in the log and in the exit code.
  service.start().catch(() => service.kill(1));
  const code = await service.finished;
  await flushLog();
  return code;
}

/** Late: most services have no broker. */
async function pumpFor(options: ServiceOptions): Promise<MessagePump | undefined> {
  if (options.amqpUrl === undefined) return undefined;
  const { pumpProcess } = await import("../supervisor/amqp/pump_process.ts");
  return pumpProcess(options.amqpUrl, options);
}
