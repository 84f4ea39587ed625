#!/bin/sh
# Bun's ws: what it sends over an upgraded connection is not written to the socket of the "upgrade" event
#
# Bun 1.4.5, which puts a module of its own in the place of the package ws; ws 8.23.0 on Node 20 or later.
#
# A server of node:http gives an upgrade's listeners the socket, and ws answers on it: whoever has put a
# "write" of its own on that socket (to count, to log, to end connections at a shutdown) sees the
# handshake and each frame. One would expect that of Bun as well, since its "upgrade" event has a socket
# with a "write", and since what a listener without ws writes there is sent.
#
# With ws, Bun hands the connection to native code. Nothing passes "write", and "bytesWritten" stays as it is;
# all that can be seen is setTimeout(0) on the socket, and its "close". What stands on the socket under a
# symbol called "websocket" is the WebSocket, as with the package.
#
#   node: the WebSocket is at Symbol(websocket)
#   node: written HTTP/1.1 101 Switching Protocols, then 4 bytes
#   bun: the WebSocket is at Symbol(websocket)
#   bun: written nothing, then 0 bytes
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 ws@8.23.0 \
  >"$work/npm.log" 2>&1 || { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/socket.mjs" <<'EOF'
import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";

const name = process.versions.bun ? "bun" : "node";
let written = "";
const server = createServer();
server.on("upgrade", (_request, socket) => {
  const { write } = socket;
  socket.write = function (chunk, ...rest) {
    written += chunk.toString("latin1");
    return write.call(this, chunk, ...rest);
  };
});
new WebSocketServer({ server }).on("connection", (webSocket, { socket }) => {
  const symbol = Object.getOwnPropertySymbols(socket).find((one) => socket[one] === webSocket);
  console.log(`${name}: the WebSocket is at ${String(symbol)}`);
  webSocket.close(1000);
});
server.listen(0, "127.0.0.1", () => {
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`);
  client.on("close", () => {
    const [head, frame = ""] = written.split("\r\n\r\n");
    console.log(`${name}: written ${head.split("\r\n")[0] || "nothing"}, then ${frame.length} bytes`);
    process.exit();
  });
});
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
sed -n 's/^#   //p' "$0" >"$work/expected"
cd "$work"
for runtime in node "$bun"; do timeout 30 "$runtime" socket.mjs || true; done >seen
cat seen
diff expected seen
