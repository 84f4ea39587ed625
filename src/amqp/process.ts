import process from "node:process";
import { Channel } from "../app/channel.ts";
import { describe, messageOf } from "../errors.ts";
import { configureLog, logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";
import { Refused } from "./broker_error.ts";
import type { PumpConfig, PumpEnd, PumpSupervisorEnd } from "./protocol.ts";
import { Pump } from "./pump.ts";

const log = logger("amqp");

type Supervisor = Channel<PumpEnd, PumpSupervisorEnd>;

/**
 * The life of the pump's process. It ends when the supervisor says so, and with the supervisor: the
 * broker gives what was not acknowledged to another consumer then.
 */
export async function runPumpProcess(): Promise<void> {
  process.on("disconnect", () => process.exit(1));
  // The supervisor gets these, too, and says what is to be done.
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]) process.on(name, () => {});
  const supervisor: Supervisor = new Channel(process);
  const config = await toldConfig(supervisor);
  configureLog(config.log);
  runtime.dieWithParent();
  const pump = new Pump(config.session, {
    obstacle: (reason) => supervisor.tell("obstacle", { reason: reason ?? null }),
  });
  supervisor.listen({
    told: {
      consume: ({ url }) => pump.consume(url),
      drain: () => void pump.drain(),
      stop: ({ timeout }) => void pump.stop(timeout).then(() => process.exit(0), failed),
    },
    asked: { counts: () => pump.counts() },
  });
  try {
    await pump.open();
    supervisor.tell("opened", undefined);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    supervisor.tell("refused", { message: messageOf(error) }, () => process.exit(1));
  }
}

function toldConfig(supervisor: Supervisor): Promise<PumpConfig> {
  return new Promise((resolve) => supervisor.listen({ told: { start: resolve } }));
}

function failed(error: unknown): void {
  log.error("the message pump cannot stop as it should: {error}", { error: describe(error) });
  process.exit(1);
}
