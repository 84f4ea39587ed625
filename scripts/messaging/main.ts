/**
 * What `scripts/messages` runs.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { rabbitmqMissing } from "../../tests/support/rabbitmq.ts";

function refuse(message: string): never {
  console.error(`scripts/messages: ${message}`);
  process.exit(2);
}

const { values, positionals: [part = ""] } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string" }, form: { type: "string", default: "executable" } },
});
if (!["endurance", "speed"].includes(part)) refuse("give endurance or speed");
if (!["executable", "bun", "deno"].includes(values.form)) {
  refuse(`--form ${values.form}: give executable, bun or deno`);
}
const count = Number(values.count ?? (part === "speed" ? 5000 : 100_000));
if (!Number.isInteger(count) || count < 100) refuse("--count is a whole number from 100 on");
if (rabbitmqMissing !== undefined) refuse(rabbitmqMissing);
// The tests' harness reads it when it is loaded.
process.env["HURRICANE_FORM"] = values.form;
if (part === "speed") {
  const { speed } = await import("./speed.ts");
  await speed(count);
} else {
  const { endurance } = await import("./endurance.ts");
  process.exitCode = await endurance(count) ? 0 : 1;
}
