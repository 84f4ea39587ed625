import process from "node:process";
import { Channel } from "../app/channel.ts";
import { describe, messageOf } from "../errors.ts";
import { configureLog, logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";
import { Refused } from "./broker_error.ts";
import { handlerClient } from "./handler_client.ts";
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
  const pump = toldPump(supervisor);
  // They follow the first one at once where this process takes the place of another.
  supervisor.listen({
    told: {
      consume: ({ url }) =>
        void pump.then((pump) => pump.consume(handlerClient(url, runtime.client))),
      drain: () => void pump.then((pump) => pump.drain()),
      stop: ({ timeout }) =>
        void pump.then((pump) => pump.stop(timeout)).then(() => process.exit(0), failed),
    },
    asked: { counts: async () => (await pump).counts() },
  });
  try {
    await (await pump).open();
    supervisor.tell("opened", undefined);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    supervisor.tell("refused", { message: messageOf(error) }, () => process.exit(1));
  }
}

/** The pump, once this process is told what it is to do. */
function toldPump(supervisor: Supervisor): Promise<Pump> {
  return new Promise((resolve) => {
    const start = ({ session, log }: PumpConfig): void => {
      configureLog(log);
      runtime.dieWithParent();
      const obstacle = (reason?: string): void =>
        supervisor.tell("obstacle", { reason: reason ?? null });
      resolve(new Pump(session, { obstacle }));
    };
    supervisor.listen({ told: { start } });
  });
}

function failed(error: unknown): void {
  log.error("the message pump cannot stop as it should: {error}", { error: describe(error) });
  process.exit(1);
}
