#!/bin/sh
# Bun: fetch() with a method that Bun does not know sends a GET, and Bun.serve hangs up on one
#
# Bun 1.4.5.
#
# Any token is a method in HTTP, and the Fetch standard changes none but the case of six. One would
# expect that fetch(url, { method: "BAN" }), as caches are told to forget, or VERSION-CONTROL of RFC 3253
# is sent as it is or refused with an error, and that a server hands such a request to its handler or
# answers 501.
#
# Bun has a list, in which PURGE and QUERY are, BAN and VERSION-CONTROL are not. What is not in it becomes
# a GET, which other servers answer with success; a body with it is an error about GET. What is in it is
# written in capitals. Bun.serve closes the connection without a byte of an answer, and calls neither fetch
# nor error. Bun's own node:http sends these methods, and as a server answers 400.
#
#   sent for BAN: fetch() GET, Request GET, node:http BAN
#   sent for VERSION-CONTROL: fetch() GET, Request GET, node:http VERSION-CONTROL
#   sent for PURGE: fetch() PURGE, Request PURGE, node:http PURGE
#   sent for purge: fetch() PURGE, Request PURGE, node:http PURGE
#   BAN with a body: fetch() request with GET/HEAD method cannot have body.
#   Bun.serve gets BAN: closed without an answer, its handler saw nothing
#   Bun.serve gets VERSION-CONTROL: closed without an answer, its handler saw nothing
#   Bun.serve gets PURGE: HTTP/1.1 200 OK, its handler saw PURGE
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/methods.mjs" <<'EOF'
import { once } from "node:events";
import { request } from "node:http";
import { connect, createServer } from "node:net";

/** Answers with the method that it was sent. */
const echo = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (data) => {
    const [method] = String(data).split(" ");
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${method.length}\r\nConnection: close\r\n\r\n${method}`);
  });
}).listen(0, "127.0.0.1");
await once(echo, "listening");
const url = `http://127.0.0.1:${echo.address().port}/`;

function byNode(method) {
  return new Promise((resolve, reject) => {
    request(url, { method }, (response) => response.on("data", (data) => resolve(String(data))))
      .on("error", reject).end();
  });
}

for (const method of ["BAN", "VERSION-CONTROL", "PURGE", "purge"]) {
  const byFetch = await (await fetch(url, { method })).text();
  const ofRequest = new Request(url, { method }).method;
  console.log(`sent for ${method}: fetch() ${byFetch}, Request ${ofRequest}, node:http ${await byNode(method)}`);
}
await fetch(url, { method: "BAN", body: "a" }).then(
  () => console.log("BAN with a body: sent"),
  (error) => console.log(`BAN with a body: ${error.message}`),
);

for (const method of ["BAN", "VERSION-CONTROL", "PURGE"]) {
  let saw = "nothing";
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      saw = request.method;
      return new Response("answer");
    },
    error(error) {
      saw = `error ${error.message}`;
    },
  });
  const socket = connect(server.port, "127.0.0.1");
  socket.write(`${method} / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n`);
  let text = "";
  socket.on("data", (data) => text += data);
  socket.on("error", (error) => text += error.code);
  await once(socket, "close");
  const answer = text.split("\r\n")[0] || "closed without an answer";
  console.log(`Bun.serve gets ${method}: ${answer}, its handler saw ${saw}`);
  await server.stop(true);
}
process.exit();
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 "$bun" "$work/methods.mjs" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
