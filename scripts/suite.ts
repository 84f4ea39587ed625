/**
 * What `scripts/test` runs, in two lanes at a time, and the sum of all reports.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

type Kind = "static" | "unit" | "e2e";
const kinds: readonly string[] = ["static", "unit", "e2e"];
const forms = ["bun", "deno", "executable"] as const;

interface Step {
  name: string;
  kind: Kind;
  command: string[];
  env?: Record<string, string>;
  /** Whether the command writes a JUnit report; without one it is one test. */
  reports?: boolean;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const bun = process.env["HURRICANE_BUN"] ?? "bun";
const deno = process.env["HURRICANE_DENO"] ?? "deno";
const work = mkdtempSync(join(tmpdir(), "hurricane-test-"));
const running = new Set<number>();
const stepTimeout = 480_000;

const checked = ["src", "tests", "scripts", "docs/examples"].filter((path) => existsSync(path));
const denoTest = (name: string, ...args: string[]): string[] => [
  ...[deno, "test", "-A", "--unstable-net", "--quiet", "--no-check"],
  ...[`--junit-path=${reportOf(name)}`, ...args],
];
const bunTest = (name: string, ...args: string[]): string[] => [
  ...[bun, "test", "--timeout=60000", "--only-failures"],
  ...["--reporter=junit", `--reporter-outfile=${reportOf(name)}`, ...args],
];

const examples: Step = {
  name: "examples",
  kind: "unit",
  command: denoTest("examples", "--doc", "--permit-no-files", "src"),
  reports: true,
};
const unit: Record<"deno" | "bun", Step> = {
  deno: {
    name: "unit (deno)",
    kind: "unit",
    command: denoTest("unit (deno)", "--ignore=tests/e2e", "tests"),
    reports: true,
  },
  bun: {
    name: "unit (bun)",
    kind: "unit",
    command: bunTest("unit (bun)", "--path-ignore-patterns=tests/e2e/**", "./tests/"),
    reports: true,
  },
};

/** End-to-end tests that choose the form themselves. */
const formless = ["build", "image", "prometheus", "release"].map((name) =>
  `tests/e2e/${name}_test.ts`
);
const packaging: Step = {
  name: "e2e (packaging)",
  kind: "e2e",
  command: bunTest("e2e (packaging)", ...formless.map((file) => `./${file}`)),
  env: { HURRICANE_FORM: "executable" },
  reports: true,
};

function endToEnd(form: typeof forms[number]): Step {
  const name = `e2e (${form})`;
  const elsewhere = formless.map((file) => `--path-ignore-patterns=${file}`);
  return {
    name,
    kind: "e2e",
    command: bunTest(name, ...elsewhere, "./tests/e2e/"),
    env: { HURRICANE_FORM: form },
    reports: true,
  };
}

/** Each lane is about half of the work; the executable is built long before it is tested. */
function lanes(): Step[][] {
  return [
    [
      { name: "build", kind: "e2e", command: ["scripts/build"] },
      unit.bun,
      endToEnd("executable"),
      // It builds dist/hurricane anew, which the step before has used.
      packaging,
      endToEnd("bun"),
    ],
    [
      { name: "fmt", kind: "static", command: [deno, "fmt", "--check"] },
      { name: "lint", kind: "static", command: [deno, "lint", "--quiet"] },
      { name: "check", kind: "static", command: [deno, "check", "--quiet", ...checked] },
      unit.deno,
      examples,
      endToEnd("deno"),
    ],
  ];
}

function select(words: string[]): (step: Step) => boolean {
  const unknown = words.find((word) => !kinds.includes(word) && !isForm(word));
  if (unknown !== undefined) {
    console.error(`scripts/test ${unknown}: give ${[...kinds, ...forms].join(", ")}`);
    process.exit(2);
  }
  const wantedForms = words.filter(isForm);
  const wantedKinds = words.filter((word) => kinds.includes(word));
  if (wantedKinds.length === 0) wantedKinds.push(...wantedForms.length > 0 ? ["e2e"] : kinds);
  return ({ kind, name, env }) => {
    if (!wantedKinds.includes(kind)) return false;
    if (kind !== "e2e" || wantedForms.length === 0) return true;
    return wantedForms.includes(name === "build" ? "executable" : env?.["HURRICANE_FORM"] ?? "");
  };
}

function isForm(word: string): boolean {
  return (forms as readonly string[]).includes(word);
}

function reportOf(name: string): string {
  return join(work, `${name.replace(/\W+/g, "-")}.xml`);
}

async function run(step: Step): Promise<Counts> {
  const began = Date.now();
  const { output, ok } = await execute(step);
  const counts = step.reports ? readReport(step.name, ok) : one(ok);
  const reasons = new Set(output.match(/^skipped: .*$/gm));
  if (counts.failed > 0) console.log(`--- ${step.name}\n${output.trimEnd()}\n---`);
  for (const reason of reasons) console.log(reason);
  console.log(`${step.name}: ${summary(counts)} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return counts;
}

/** Runs the command in a process group of its own, so that a hanging one goes with all it started. */
function execute(step: Step): Promise<{ output: string; ok: boolean }> {
  const [command = "", ...args] = step.command;
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, NO_COLOR: "1", ...step.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  let output = "";
  const timer = setTimeout(() => {
    output += `\nstopped: it ran longer than ${stepTimeout / 1000} s\n`;
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }, stepTimeout);
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => output += text);
  return new Promise((resolve) => {
    const end = (ok: boolean) => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      resolve({ output, ok });
    };
    child.once("error", (error) => {
      output += `${error.message}\n`;
      end(false);
    });
    child.once("close", (code) => end(code === 0));
  });
}

/**
 * Counts the tests of a JUnit report. No test at all is a failure, and so is an exit code that no
 * failed test explains (a file that does not load).
 */
function readReport(name: string, ok: boolean): Counts {
  const file = reportOf(name);
  const report = existsSync(file) ? readFileSync(file, "utf8") : "";
  const cases = [...report.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)];
  const names = cases.map(([, caseName = ""]) => caseName);
  // Deno reports a describe() as a case as well, and its tests with its name in front of theirs.
  const leaves = cases.filter(([, caseName = ""]) =>
    !names.some((other) => other.startsWith(`${caseName} &gt; `))
  );
  const failed = leaves.filter(([, , body = ""]) => /<failure|<error/.test(body)).length;
  const skipped = leaves.filter(([, , body = ""]) => body.includes("<skipped")).length;
  const passed = leaves.length - failed - skipped;
  const unexplained = failed === 0 && (!ok || leaves.length === 0);
  return { passed, failed: unexplained ? 1 : failed, skipped };
}

function one(ok: boolean): Counts {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function killAll(): void {
  for (const pid of running) process.kill(-pid, "SIGKILL");
  rmSync(work, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    killAll();
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
}

const wanted = select(process.argv.slice(2));
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
await Promise.all(
  lanes().map(async (lane) => {
    for (const step of lane.filter(wanted)) {
      const counts = await run(step);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  }),
);
killAll();
console.log(summary(total));
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
