#!/bin/sh
# Bun.serve: a slice of a file is answered with 206 and a Content-Range that nobody asked for
#
# Bun 1.4.5.
#
# new Response(blob.slice(2, 5)) is a response of three bytes with the status 200, whatever the blob is
# made of; response.status says so, too. One would expect that it is sent like that, as it is for a
# Blob in memory and for the text of the slice.
#
# For a Bun.file() it is sent as 206 Partial Content, with "Content-Range: bytes 2-4/*", to a client
# that sent no Range (RFC 9110 has 206 only as the answer to a range request, and caches do not
# store it as the whole). Even an explicit status does not help (201 is sent as 206 as well), but a
# header does, any header: with one, the status is the handler's.
#
#   slice of a Blob: 200, content-range null
#   slice of a file: status in the handler 200; 206, content-range bytes 2-4/*
#   slice of a file, status 201: status in the handler 201; 206, content-range bytes 2-4/*
#   slice of a file, with a header: status in the handler 200; 200, content-range null
#   slice of a file, status 201 with a header: status in the handler 201; 201, content-range null
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/slice.mjs" <<'EOF'
const path = process.argv[2];
await Bun.write(path, "0123456789");

async function sent(response) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => response });
  const { status, headers } = await fetch(server.url);
  await server.stop(true);
  return `${status}, content-range ${headers.get("content-range")}`;
}

console.log(`slice of a Blob: ${await sent(new Response(new Blob(["0123456789"]).slice(2, 5)))}`);
for (
  const [name, init] of [
    ["", undefined],
    [", status 201", { status: 201 }],
    [", with a header", { headers: { "x-some": "header" } }],
    [", status 201 with a header", { status: 201, headers: { "x-some": "header" } }],
  ]
) {
  const response = new Response(Bun.file(path).slice(2, 5), init);
  const { status } = response;
  console.log(`slice of a file${name}: status in the handler ${status}; ${await sent(response)}`);
}
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 "$bun" "$work/slice.mjs" "$work/file.txt" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
