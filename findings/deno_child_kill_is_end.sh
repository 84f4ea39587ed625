#!/bin/sh
# Deno: child.kill() with any signal counts as the child's end: its channel is closed, it cannot be
# killed any more, and its exit code is lost
#
# Deno 2.9.6, node:child_process.
#
# A forked child listens to SIGUSR2 and goes on; two seconds later it exits with 3. One would expect
# what Node documents and Bun does: kill() sends the signal, signalCode stays null until the child
# ends, a kill("SIGKILL") in between would end it, and "exit" tells of 3.
#
# Deno takes the signal for the child's end at once. It sets signalCode and disconnects the IPC
# channel while the child runs on, a second kill() returns false and sends nothing, and when the child
# does exit, "exit" says that SIGUSR2 killed it. So asking a child to reload loses it for good.
# process.kill(child.pid, …) does no such harm.
#
#   up: signalCode null, connected true
#   kill("SIGUSR2") returned true
#   a second later it runs: signalCode SIGUSR2, connected false
#   kill("SIGKILL") returned false
#   half a second later it runs
#   exit: code null, signal SIGUSR2
#   what it wrote: got SIGUSR2, exiting with 3
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/parent.mjs" <<'EOF'
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const [script, notes] = process.argv.slice(2);
const child = fork(script, [notes]);
const runs = () => {
  try {
    return process.kill(child.pid, 0) ? "it runs" : "";
  } catch {
    return "it has ended";
  }
};
const state = () => `signalCode ${child.signalCode}, connected ${child.connected}`;
child.on("exit", (code, signal) => {
  console.log(`exit: code ${code}, signal ${signal}`);
  console.log(`what it wrote: ${readFileSync(notes, "utf8")}`);
  process.exit();
});
child.once("message", async (message) => {
  console.log(`${message}: ${state()}`);
  console.log(`kill("SIGUSR2") returned ${child.kill("SIGUSR2")}`);
  await sleep(1000);
  console.log(`a second later ${runs()}: ${state()}`);
  console.log(`kill("SIGKILL") returned ${child.kill("SIGKILL")}`);
  await sleep(500);
  console.log(`half a second later ${runs()}`);
});
EOF
cat >"$work/child.mjs" <<'EOF'
import { appendFileSync } from "node:fs";
import process from "node:process";

const notes = process.argv[2];
process.on("SIGUSR2", () => {
  appendFileSync(notes, "got SIGUSR2, ");
  setTimeout(() => {
    appendFileSync(notes, "exiting with 3");
    process.exit(3);
  }, 2500);
});
// Should nothing come.
setTimeout(() => process.exit(), 10_000);
process.send("up");
EOF

for deno in "$work"/node_modules/@deno/*/deno; do :; done
sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 "$deno" run -A "$work/parent.mjs" "$work/child.mjs" "$work/notes" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
