#!/bin/sh
# Once a request has been answered, it knows no more than what it was asked before
#
# Bun 1.4.5, Deno 2.9.6.
#
# A handler answers at once, and goes on with what may take longer: it writes an audit line, it tells a
# queue. It still holds the Request. One would expect that a request can be read as long as it is held:
# method, URL and headers came together, before the handler was called, and only the body is a stream.
#
# What nobody has asked for by then is gone. Deno throws. Bun does not: the URL is an empty text, and the
# headers are there and have no fields, as if the client had sent none; only the method stays. What has
# been asked for before the answer can be read as ever on both.
#
#   bun, asked nothing before: method POST, url "", headers null
#   bun, asked for all three before: method POST, url "http://127.0.0.1/orders", headers here
#   deno, asked nothing before: method TypeError: Request closed, url TypeError: Request closed, headers TypeError: Request closed
#   deno, asked for all three before: method POST, url "http://127.0.0.1/orders", headers here
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 deno@2.9.6 \
  >"$work/npm.log" 2>&1 || { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/later.mjs" <<'EOF'
const [name, listen] = typeof Bun === "object"
  ? ["bun", (fetch) => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch })]
  : ["deno", (fetch) => Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, fetch)];

const looks = {
  method: (request) => request.method,
  url: (request) => `"${request.url.replace(/:\d+\//, "/")}"`,
  headers: (request) => request.headers.get("x-name"),
};

function said(look, request) {
  try {
    return String(look(request));
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

for (const [what, before] of [
  ["asked nothing before", () => {}],
  ["asked for all three before", (request) => void [request.method, request.url, request.headers]],
]) {
  const held = Promise.withResolvers();
  const server = listen((request) => {
    before(request);
    held.resolve(request);
    return new Response("accepted");
  });
  const port = server.port ?? server.addr.port;
  const options = { method: "POST", headers: { "x-name": "here" } };
  await (await fetch(`http://127.0.0.1:${port}/orders`, options)).text();
  const request = await held.promise;
  const found = Object.entries(looks).map(([field, look]) => `${field} ${said(look, request)}`);
  console.log(`${name}, ${what}: ${found.join(", ")}`);
  await (server.shutdown?.() ?? server.stop(true));
}
EOF

for deno in "$work"/node_modules/@deno/*/deno; do :; done
for bun in "$work"/node_modules/@oven/*/bin/bun; do :; done
sed -n 's/^#   //p' "$0" >"$work/expected"
{
  timeout 30 "$bun" "$work/later.mjs" || true
  timeout 30 "$deno" run -A "$work/later.mjs" || true
} >"$work/seen"
cat "$work/seen"
diff "$work/expected" "$work/seen"
