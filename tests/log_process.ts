/**
 * A process that writes the log for real. Arguments: what to do, the format, the lowest level.
 *
 * @module
 */
import process from "node:process";
import { configureLog, type LogFormat, logger, type LogLevel } from "../src/log.ts";

const [action, logFormat, logLevel] = process.argv.slice(2);
configureLog({ logLevel: logLevel as LogLevel, logFormat: logFormat as LogFormat });
const log = logger("part");

const actions: Record<string, () => void> = {
  levels(): void {
    log.debug("a {what}", { what: "detail" });
    log.info("a {what}", { what: "fact", count: 3 });
    log.warn("a {what}", { what: "doubt" });
    log.error("a {what}", { what: "fault", stack: "Error: x\n    at y" });
    process.exit(0);
  },
  // Properties whose names every line has.
  names(): void {
    log.warn("{method}: {message}", { method: "GET", message: "too long", level: "x", time: "y" });
    process.exit(0);
  },
  // Where Bun has used its own stream, standard error no longer blocks.
  flood(): void {
    process.stderr.write("");
    for (let number = 0; number < 2000; number++) {
      log.info("{number} {text}", { number, text: "ä".repeat(300) });
    }
    process.exit(0);
  },
  // Goes on when it is told that nobody reads standard error any more.
  unread(): void {
    process.stdin.once("data", () => {
      for (let number = 0; number < 10; number++) log.info("into nothing");
      process.stdout.write("survived", () => process.exit(0));
    });
  },
};
actions[action ?? ""]?.();
