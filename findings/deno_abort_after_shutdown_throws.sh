#!/bin/sh
# Deno.serve: to abort the server's signal after shutdown() cuts nothing off, and ends the process by an
# error that cannot be caught there
#
# Deno 2.9.6.
#
# Two documented ways to stop: shutdown() waits for what is in flight, and the signal that was given to
# Deno.serve closes the server at once. One would expect to combine them for a shutdown with a limit:
# shutdown(), and abort() when time is up, so that the rest is cut off.
#
# After shutdown() the signal's listener finds its resource gone and throws "Bad resource ID". abort()
# dispatches an event, so a try around it catches nothing: the process ends with exit code 1. Where an
# "error" listener prevents that, the request is not cut off and shutdown() waits for it to its end.
#
#   unguarded: exit code 1
#   guarded: Uncaught BadResource: Bad resource ID; the client got its answer; exit code 0
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/stop.mjs" <<'EOF'
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const say = (text) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}; `));

if (Deno.args[0] === "guarded") {
  addEventListener("error", (event) => {
    event.preventDefault();
    say(event.message);
  });
}
const controller = new AbortController();
let arrived = () => {};
const inFlight = new Promise((resolve) => arrived = resolve);
const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, signal: controller.signal, onListen() {} },
  async () => {
    arrived();
    await pause(1500);
    return new Response("answer");
  },
);
const client = fetch(`http://127.0.0.1:${server.addr.port}`).then((response) => response.text());
await inFlight;
const stopped = server.shutdown();
await pause(300);
try {
  controller.abort();
} catch (error) {
  say(`caught ${error.message}`);
}
await stopped;
say(await client.then((text) => `the client got its ${text}`, () => "the client was cut off"));
EOF

for deno in "$work"/node_modules/@deno/*/deno; do :; done
run() { timeout 30 "$deno" run -A "$work/stop.mjs" "$1" 2>/dev/null && code=0 || code=$?; echo "exit code $code"; }
sed -n 's/^#   //p' "$0" >"$work/expected"
for how in unguarded guarded; do
  printf '%s: ' "$how"
  run "$how"
done >"$work/seen"
cat "$work/seen"
diff "$work/expected" "$work/seen"
