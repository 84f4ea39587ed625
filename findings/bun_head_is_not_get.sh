#!/bin/sh
# Bun.serve: the answer to HEAD lacks the Content-Type and the Date that the same Response has for GET
#
# Bun 1.4.5.
#
# HEAD is answered with the head that GET would have (RFC 9110 section 9.3.2), by the same handler. One
# would expect a Response of a text or a Blob to say its type in both, as Deno.serve does, and
# each to have a Date, which an origin server with a clock must send with every 2xx (section 6.6.1).
#
# The type that is derived from the body is left out for HEAD, so "curl -I" and link checkers see an image
# without a type; only one that is set as a header comes through. The Date comes with GET alone.
#
#   new Response("text"): GET content-length content-type date, HEAD content-length
#   new Response(a PNG's Blob): GET content-length content-type date, HEAD content-length
#   Response.json({}): GET content-length content-type date, HEAD content-length content-type
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/head.mjs" <<'EOF'
const responses = {
  'new Response("text")': () => new Response("text"),
  "new Response(a PNG's Blob)": () => new Response(new Blob(["…"], { type: "image/png" })),
  "Response.json({})": () => Response.json({}),
};
for (const [name, response] of Object.entries(responses)) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: response });
  const heads = [];
  for (const method of ["GET", "HEAD"]) {
    const { headers } = await fetch(server.url, { method });
    heads.push(`${method} ${[...headers.keys()].sort().join(" ")}`);
  }
  console.log(`${name}: ${heads.join(", ")}`);
  await server.stop(true);
}
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 "$bun" "$work/head.mjs" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
