import { describe, test } from "node:test";
import fc from "fast-check";
import { assert, assertEquals, assertFalse, assertLess, assertMatch } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import {
  configureLog,
  logger,
  type LogLevel,
  type LogProperties,
  type LogRecord,
} from "../src/log.ts";
import { isPretty, jsonLine } from "../src/log/line.ts";
import { BackgroundWriter } from "../src/log/write.ts";
import { runtime } from "../src/runtime/mod.ts";
import { CapturedLog } from "./support/captured_log.ts";
import { ownEnvironment } from "./support/processes.ts";
import { ended, runScript, startScript } from "./support/script.ts";

const script = new URL("log_process.ts", import.meta.url);
const levels = ["debug", "info", "warn", "error"] as const;

/** A terminal of its own for a command: of util-linux. */
const noTerminal = spawnSync("script", ["--version"]).status !== 0;
if (noTerminal) console.info("skipped: the log on a terminal: script(1) is not installed");

/** The last two of the lines that `log_process.ts levels` writes. */
const readable = "TIME WARN a doubt\n" +
  "TIME ERROR a fault\n    Error: x\n        at y\n";

function withoutTimes(lines: string): string {
  return lines.replace(/^[\d:]{8}/gm, "TIME");
}

function parsed(lines: string): Record<string, unknown>[] {
  return lines.trimEnd().split("\n").map((line) => JSON.parse(line));
}

describe("logger", () => {
  for (const [index, logLevel] of levels.entries()) {
    test(`at ${logLevel}, logs that and what is more important`, () => {
      using _silencedAfterwards = new CapturedLog();
      const seen: LogLevel[] = [];
      configureLog({ logLevel, logFormat: "json" }, ({ level }) => seen.push(level));
      for (const level of levels) logger("test")[level]("x");
      assertEquals(seen, levels.slice(index));
    });
  }

  test("obeys a configuration that comes after it", () => {
    const log = logger("early");
    using captured = new CapturedLog();
    log.info("hello");
    assertEquals(captured.records.map(({ part, message }) => [part, message]), [
      ["early", "hello"],
    ]);
  });

  test("gives the sink the whole record", () => {
    using log = new CapturedLog();
    const before = Date.now();
    logger("test").warn("{a} and {b}", { a: 1, b: "two", c: [3] });
    const [{ time, ...rest }] = log.records as [LogRecord];
    assertEquals(time.getTime() >= before && time.getTime() <= Date.now(), true);
    assertEquals(rest, {
      level: "warn",
      part: "test",
      message: "1 and two",
      properties: { a: 1, b: "two", c: [3] },
    });
  });

  const messages: Record<string, [string, LogProperties, string]> = {
    "fills a placeholder each time it occurs": ["{a}{a} {b}", { a: 1, b: 2 }, "11 2"],
    "leaves braces in foreign text alone": ["{a} {b}", { a: "{b}", b: "$&" }, "{b} $&"],
    "leaves braces that are no placeholder alone": ["{} { a } {a-b}", { a: 1 }, "{} { a } {a-b}"],
    "says undefined where a property is missing": ["{a}", {}, "undefined"],
  };
  for (const [name, [message, properties, expected]] of Object.entries(messages)) {
    test(name, () => {
      using log = new CapturedLog();
      logger("test").info(message, properties);
      assertEquals(log.messages, [expected]);
    });
  }
});

describe("standard error", () => {
  test("has properties that take no line's own place", async () => {
    const { stderr } = await runScript(script, "names", "json", "info");
    const [record] = parsed(stderr);
    assertEquals([record?.["message"], record?.["level"]], ["GET: too long", "warn"]);
  });

  test("has a JSON object a line where it is no terminal", async () => {
    const { code, stdout, stderr } = await runScript(script, "levels", "auto", "debug");
    assertEquals([code, stdout], [0, ""]);
    const records = parsed(stderr);
    for (const { time } of records) assertMatch(String(time), /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
    assertEquals(records.map(({ time: _any, ...rest }) => rest), [
      { level: "debug", part: "part", message: "a detail", what: "detail" },
      { level: "info", part: "part", message: "a fact", what: "fact", count: 3 },
      { level: "warn", part: "part", message: "a doubt", what: "doubt" },
      {
        level: "error",
        part: "part",
        message: "a fault",
        what: "fault",
        stack: "Error: x\n    at y",
      },
    ]);
  });

  test("has readable lines where they are asked for, with the stack below", async () => {
    const { stderr } = await runScript(script, "levels", "pretty", "warn");
    assertEquals(withoutTimes(stderr), readable);
  });

  const terminals: Record<string, [NodeJS.ProcessEnv, boolean]> = {
    "has readable lines on a terminal, in colour": [{ NO_COLOR: "" }, true],
    "has readable lines on a terminal, without colour where that is not wanted": [
      { NO_COLOR: "1" },
      false,
    ],
  };
  for (const [name, [env, coloured]] of Object.entries(terminals)) {
    test(name, { skip: noTerminal }, () => {
      const { file, args } = runtime.script(fileURLToPath(script));
      const command = [file, ...args, "levels", "auto", "warn"].map((word) => `'${word}'`).join(
        " ",
      );
      const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], {
        env: { ...ownEnvironment(), ...env },
        encoding: "utf8",
      });
      const text = stdout.replaceAll("\r\n", "\n");
      assertEquals(text.includes("\x1b[33mWARN\x1b[0m "), coloured);
      assertEquals(text.includes("\x1b"), coloured);
      assertEquals(withoutTimes(stripVTControlCharacters(text)), readable);
    });
  }

  test("gets every line before the process exits, though it does not block", async () => {
    const { code, stderr } = await runScript(script, "flood", "json", "info");
    assertEquals(code, 0);
    const records = parsed(stderr);
    assertEquals(records.map(({ number }) => number), [...Array(2000).keys()]);
    assertEquals(new Set(records.map(({ text }) => text)), new Set(["ä".repeat(300)]));
  });

  test("has whole lines of several processes, though their reader is slow", async () => {
    const { file, args, env } = runtime.script(fileURLToPath(script));
    const command = [file, ...args, "torrent", "json", "info"].map((word) => `'${word}'`).join(" ");
    // All write to the one pipe that is read here.
    const child = spawn("sh", ["-c", `${command} & ${command} & ${command} & wait`], {
      env: { ...ownEnvironment(), ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    for await (const chunk of child.stderr) {
      text += chunk;
      // Lines of a full pipe are those that could be torn.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const records = parsed(text);
    assertEquals(records.length, 1500);
    const pids = new Set(records.map(({ pid }) => pid));
    assertEquals(pids.size, 3);
    for (const pid of pids) {
      const numbers = records.filter((record) => record["pid"] === pid).map(({ number }) => number);
      assertEquals(numbers, [...Array(500).keys()]);
    }
  });

  test("has no line that a pipe does not take whole, whatever is logged, and valid Unicode", async () => {
    const { stderr } = await runScript(script, "long", "json", "info");
    const lines = stderr.trimEnd().split("\n");
    for (const line of lines) assert(Buffer.byteLength(line) < 4096, `${line.length}`);
    const [record, next] = parsed(stderr);
    assertMatch(String(record?.["message"]), /^\ufffdä{100,}… \[\d+ more characters\]$/);
    assertMatch(String(record?.["stack"]), /^at y\nat y\n[^]*… \[\d+ more characters\]$/);
    assertEquals(next?.["message"], "next");
    const { stderr: readable } = await runScript(script, "long", "pretty", "info");
    assert(readable.length < 3 * 16 * 1024, `${readable.length}`);
    assertFalse(readable.includes("\ud800"));
  });

  test("may be closed: the process goes on", async () => {
    const child = startScript(script, "unread", "json", "info");
    const { stdin, stderr } = child;
    const closed = once(stderr!, "close");
    stderr!.destroy();
    await closed;
    stdin!.write("go");
    const { code, stdout } = await ended(child);
    assertEquals([code, stdout], [0, "survived"]);
  });
});

test("a line that comes just when the one before it has been written is written, too", async () => {
  for (let turns = 0; turns < 12; turns++) {
    let written = "";
    const gate = Promise.withResolvers<void>();
    const writer = new BackgroundWriter(String, async (bytes) => {
      await gate.promise;
      written += new TextDecoder().decode(bytes);
      return bytes.length;
    });
    writer.write("first\n", false);
    gate.resolve();
    for (let turn = 0; turn < turns; turn++) await undefined;
    writer.write("second\n", false);
    await new Promise((resolve) => setTimeout(resolve, 1));
    assertEquals(written, "first\nsecond\n", `after ${turns} turns`);
  }
});

describe("jsonLine", () => {
  const record = (message: string, properties: LogProperties): LogRecord => ({
    time: new Date(0),
    level: "info",
    part: "part",
    message,
    properties,
  });

  test("is a JSON object that is not longer than it may be, and keeps what is short", () => {
    const texts = fc.string({ unit: "binary", maxLength: 3000 });
    fc.assert(
      fc.property(texts, fc.dictionary(fc.string({ maxLength: 9 }), texts), (text, more) => {
        const line = jsonLine(record(text, { ...more, pid: 7 }), 1000);
        assertLess(Buffer.byteLength(line), 1001);
        assertEquals(line.isWellFormed() && !/\\ud[89a-f]/.test(line.replace(/\\\\/g, "")), true);
        const { level, part, message } = JSON.parse(line);
        assertEquals([level, part], ["info", "part"]);
        if (line.includes("more characters")) return;
        assertEquals(message, text.toWellFormed());
      }),
    );
  });

  test("is as long as it may be where standard error is no pipe", () => {
    const line = jsonLine(record("x".repeat(100_000), {}), 16 * 1024);
    assert(Buffer.byteLength(line) > 8 * 1024);
  });

  test("is there even where the names of properties alone are too long", () => {
    const properties = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`name ${index}`, 1]),
    );
    const { message, ...rest } = JSON.parse(jsonLine(record("hello", properties), 1000));
    assertEquals([message, rest["name 1"]], ["hello", undefined]);
  });
});

describe("isPretty", () => {
  test("is as asked", () => {
    assertEquals([isPretty("pretty"), isPretty("json")], [true, false]);
  });
});
