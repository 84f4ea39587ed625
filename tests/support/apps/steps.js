/** Laid beside each application of tests/apps: lets a test decide when the application goes on. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** Resolves when the test has taken the step. */
export async function step(name) {
  const file = join(process.env.TEST_STEPS, encodeURIComponent(name));
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
}
