import process from "node:process";
import { logger } from "../log.ts";
import type { Service } from "./service.ts";

const log = logger("supervisor");

/** Exit codes of a process that a signal ended: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Lets signals steer the service: SIGTERM and SIGINT stop it, a second SIGINT ends it at once, and
 * SIGUSR1 and SIGUSR2 go to the handler.
 */
export function obeySignals(service: Service): void {
  let interrupted = false;
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (name === "SIGINT" && interrupted) {
        log.warn("interrupted twice: not waiting any longer");
        void service.kill().then(() => process.exit(exitCodes.SIGINT));
        return;
      }
      interrupted ||= name === "SIGINT";
      log.info("received {name}", { name });
      void service.stop(exitCodes[name]);
    });
  }
  for (const name of ["SIGUSR1", "SIGUSR2"] as const) {
    process.on(name, () => service.signal(name));
  }
}
