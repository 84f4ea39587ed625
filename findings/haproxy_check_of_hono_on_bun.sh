#!/bin/sh
# HAProxy's plain "option httpchk GET /health" takes down a healthy Hono app on Bun: the app sees the
# path "h"
#
# HAProxy 2.6.12 (Debian 12), Bun 1.4.5, Hono 4.13.19.
#
# The app has app.get("/health"), and curl gets 200 from it. One would expect HAProxy's check of that
# path to pass, as it does before the same app on Deno.
#
# HAProxy checks with HTTP/1.0 and without a Host, which is valid. Bun then gives "/health" for
# request.url, which in the Fetch standard is always absolute, so that new URL(request.url) throws.
# Hono looks for the path behind a host, and is left with the last letter. No route has that name: 404,
# and HAProxy sends no more requests to the app. A check with a Host passes.
#
#   fetch: 200, of http://127.0.0.1/health the app saw the path /health
#   check without a Host: DOWN, L7STS, 404, of /health the app saw the path h
#   check with a Host: UP, L7OK, 200, of http://web/health the app saw the path /health
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
PATH=$PATH:/usr/sbin
case $(haproxy -v 2>&1) in
  *2.6.12*) ;;
  *) echo "needs HAProxy 2.6.12, as Debian 12 has it" >&2; exit 2 ;;
esac
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 hono@4.13.19 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/check.mjs" <<'EOF'
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { dirname } from "node:path";
import { Hono } from "hono";

const work = dirname(import.meta.path);
const app = new Hono();
app.get("/health", (context) => context.text("healthy"));

let saw = "";
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const response = await app.fetch(request);
    const path = new Hono().getPath(request);
    saw = `of ${request.url.replace(/:\d+/, "")} the app saw the path ${path}`;
    return response;
  },
});
const { status } = await fetch(`${server.url.origin}/health`);
console.log(`fetch: ${status}, ${saw}`);

/** A row of HAProxy's "show stat", for the server. */
function state(socket) {
  return new Promise((resolve) => {
    let text = "";
    const client = connect(socket, () => client.write("show stat\n"));
    client.on("data", (data) => text += data);
    client.on("error", () => resolve({}));
    client.on("end", () => {
      const [names, ...rows] = text.replace(/^# /, "").split("\n").map((line) => line.split(","));
      const row = rows.find((row) => row[1] === "app") ?? [];
      resolve(Object.fromEntries(names.map((name, index) => [name, row[index]])));
    });
  });
}

async function check(name, line) {
  const socket = `${work}/${name}.sock`;
  await Bun.write(
    `${work}/${name}.cfg`,
    `global
  stats socket ${socket}
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
backend web
  option httpchk GET /health
  ${line}
  server app 127.0.0.1:${server.port} check inter 300ms fall 1 rise 1
`,
  );
  const haproxy = spawn("haproxy", ["-db", "-f", `${work}/${name}.cfg`], { stdio: "ignore" });
  let found = {};
  for (let tries = 0; tries < 50 && !/^L7/.test(found.check_status ?? ""); tries++) {
    await Bun.sleep(100);
    found = await state(socket);
  }
  haproxy.kill();
  return `${found.status}, ${found.check_status}, ${found.check_code}, ${saw}`;
}

console.log(`check without a Host: ${await check("plain", "")}`);
console.log(`check with a Host: ${await check("host", "http-check send hdr Host web")}`);
await server.stop(true);
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 60 "$bun" "$work/check.mjs" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
