/**
 * A process that writes the log for real. Arguments: what to do, the format, the lowest level.
 *
 * @module
 */
import process from "node:process";
import {
  configureBackgroundLog,
  configureLog,
  flushLog,
  type LogFormat,
  logger,
  type LogLevel,
} from "../src/log.ts";

const [action, logFormat, logLevel] = process.argv.slice(2);
configureLog({ logLevel: logLevel as LogLevel, logFormat: logFormat as LogFormat });
const log = logger("part");

const actions: Record<string, () => void | Promise<void>> = {
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
  // Lines of many lengths, as fast as they can be written, as the supervisor writes them.
  async torrent(): Promise<void> {
    configureBackgroundLog({ logLevel: "info", logFormat: "json" });
    for (let number = 0; number < 500; number++) {
      log.info("{number}", { number, pid: process.pid, text: "x".repeat((number * 37) % 3900) });
    }
    // The reader is slow.
    for (let times = 0; times < 10; times++) await flushLog();
    process.exit(0);
  },
  // What does not fit into a line, and what is no valid Unicode.
  long(): void {
    log.error("{error}", { error: `\ud800${"ä".repeat(100_000)}`, stack: "at y\n".repeat(1e6) });
    log.info("next");
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
await actions[action ?? ""]?.();
