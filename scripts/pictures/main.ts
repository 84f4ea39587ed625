/**
 * Takes the pictures of the status page that the README shows.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Browser, browserMissing } from "../../tests/support/browser.ts";
import { freePort } from "../../tests/support/free_port.ts";
import { serve } from "../../tests/support/hurricane.ts";
import { load } from "./load.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values } = parseArgs({ options: { seconds: { type: "string", default: "90" } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) {
  console.error(`scripts/screenshots --seconds ${values.seconds}: give a number above 0`);
  process.exit(2);
}
const missing = browserMissing();
if (missing !== undefined) {
  console.error(missing);
  process.exit(1);
}

const port = await freePort();
const handler = readFileSync(new URL("handler.ts", import.meta.url), "utf8");
await using hurricane = await serve(handler, {
  args: [
    ...["--status-page", "--workers=2", `--port=${port}`],
    ...["--command", "sh -c 'echo 3 migrations to run; sleep 1; echo done'"],
    ...["--webhook-url", `http://127.0.0.1:${port}/hook`],
  ],
});
const end = new AbortController();
const loaded = load(`http://127.0.0.1:${port}`, end.signal);
await sleep(seconds * 1000);

await using browser = new Browser();
await using tab = await browser.open({ width: 1200, height: 860 });
await tab.page.goto(hurricane.probeUrl("/"));
for (const colorScheme of ["light", "dark"] as const) {
  await tab.page.emulateMedia({ colorScheme });
  await sleep(2500);
  const path = `docs/images/status-${colorScheme}.png`;
  await tab.page.screenshot({ path: root + path });
  console.info(path);
}
end.abort();
await loaded;
await hurricane.stop();
