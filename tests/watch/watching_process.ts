/**
 * A process that watches a handler, for what only a whole process can show.
 *
 * `watching_process.ts HANDLER` prints `ready`, then what has changed, a line each time.
 */
import { dirname } from "node:path";
import process from "node:process";
import { configureLog } from "../../src/log.ts";
import { Watch } from "../../src/watch/watch.ts";

const [handler = ""] = process.argv.slice(2);
configureLog({ logLevel: "info", logFormat: "json" });
const watch = new Watch({
  handler,
  watchPath: ["views"],
  cwd: dirname(handler),
  onChange: (files) => console.log(files.join(" ")),
});
watch.starting();
watch.started([handler]);
console.log("ready");
// The watch alone keeps no process running.
setInterval(() => {}, 1000);
