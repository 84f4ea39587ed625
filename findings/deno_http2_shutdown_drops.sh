#!/bin/sh
# Deno.serve: a graceful shutdown() drops the requests of Node's HTTP/2 client, and the client is
# told of no error
#
# Deno 2.9.6: Deno.serve without TLS (HTTP/2 by prior knowledge), and node:http2 as the client.
#
# server.shutdown() is documented to finish what is in flight. A handler takes a second; in its middle
# the server shuts down. One would expect an answer over HTTP/2 as over HTTP/1.1.
#
# The server announces its end to each connection (GOAWAY), which leaves open streams alone. A client
# that answers with a GOAWAY of its own, as node:http2 does, finds its connection closed, with the
# request unanswered: the stream gets "close" and no "error", no "response", and the handler ends its
# work for nobody. curl, which sends no GOAWAY, gets its answer.
#
#   HTTP/1.1: 200 whole
#   HTTP/2: events close
#   shut down; handlers that finished their work: 2
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/shutdown.mjs" <<'EOF'
import { connect } from "node:http2";

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
let begun = 0;
let finished = 0;
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
  begun++;
  await pause(1000);
  finished++;
  return new Response("whole");
});
const url = `http://127.0.0.1:${server.addr.port}`;

async function http1() {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
}

function http2() {
  const session = connect(url);
  session.on("error", (error) => console.log("session:", error.message));
  const stream = session.request({ ":path": "/" });
  const events = [];
  stream.on("response", (headers) => events.push(`response ${headers[":status"]}`));
  stream.on("error", (error) => events.push(`error ${error.message}`));
  stream.resume().end();
  return new Promise((resolve) => {
    stream.on("close", () => resolve(`events ${[...events, "close"].join(", ")}`));
  });
}

const answers = [http1(), http2()];
while (begun < 2) await pause(10);
await pause(200);
const shutdown = server.shutdown();
console.log(`HTTP/1.1: ${await answers[0]}`);
console.log(`HTTP/2: ${await answers[1]}`);
await shutdown;
await pause(1000);
console.log(`shut down; handlers that finished their work: ${finished}`);
Deno.exit();
EOF

for deno in "$work"/node_modules/@deno/*/deno; do :; done
sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 "$deno" run -A "$work/shutdown.mjs" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
