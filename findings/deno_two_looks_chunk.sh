#!/bin/sh
# Deno.serve: an answer whose body and headers have both been looked at loses its Content-Length
#
# Deno 2.9.6.
#
# Response.json() tells its length to the client. Middleware looks at answers: is there a body, is there
# such a field? One would expect that to look changes nothing, as the answer itself stays the same: its
# body is not read, its headers are not written.
#
# Either look is without effect. After both, in whichever order, the answer is sent in chunks.
#
#   nothing: content-length: 7
#   body: content-length: 7
#   headers: content-length: 7
#   body, then headers: transfer-encoding: chunked
#   headers, then body: transfer-encoding: chunked
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/looks.mjs" <<'EOF'
import { connect } from "node:net";

const body = (answer) => void answer.body;
const headers = (answer) => void answer.headers.get("x");
const looks = {
  "nothing": [],
  "body": [body],
  "headers": [headers],
  "body, then headers": [body, headers],
  "headers, then body": [headers, body],
};
const names = Object.keys(looks);
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
  const answer = Response.json({ a: 1 });
  for (const look of looks[names[Number(new URL(url).pathname.slice(1))]]) look(answer);
  return answer;
});

function ask(path) {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(server.addr.port, "127.0.0.1");
    socket.setEncoding("latin1").on("data", (part) => text += part);
    socket.on("end", () => resolve(text.toLowerCase())).on("error", reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  });
}

for (const [index, name] of names.entries()) {
  const told = /content-length: \d+|transfer-encoding: chunked/.exec(await ask(`/${index}`));
  console.log(`${name}: ${told}`);
}
await server.shutdown();
EOF

for deno in "$work"/node_modules/@deno/*/deno; do :; done
sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 "$deno" run -A "$work/looks.mjs" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
