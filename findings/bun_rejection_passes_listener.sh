#!/bin/sh
# Bun: a process that listens to "uncaughtException" dies of a rejected promise, without a call of its
# listener
#
# Bun 1.4.5.
#
# In Node and in Deno, a rejection that nobody handles becomes an uncaught exception where nobody
# listens to "unhandledRejection": the listener of "uncaughtException" is called with the origin
# "unhandledRejection", and the process goes on. One would expect the same of Bun, which calls that
# listener for what is thrown in a timer.
#
# Bun does not call it. It prints the error and exits with 1, so a last cleanup or report that was put
# there, as it serves on Node, never runs.
#
#   thrown in a timer: listener got "thrown", still alive, exit code 0
#   rejected: exit code 1
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/listener.mjs" <<'EOF'
process.on("uncaughtException", ({ message }) => {
  process.stdout.write(`listener got "${message}", `);
});
if (process.argv[2] === "reject") Promise.reject(new Error("rejected"));
else setTimeout(() => { throw new Error("thrown"); });
setTimeout(() => process.stdout.write("still alive, "), 300);
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
run() { timeout 30 "$bun" "$work/listener.mjs" "$1" 2>/dev/null && code=0 || code=$?; echo "exit code $code"; }
sed -n 's/^#   //p' "$0" >"$work/expected"
{
  printf 'thrown in a timer: '; run throw
  printf 'rejected: '; run reject
} >"$work/seen"
cat "$work/seen"
diff "$work/expected" "$work/seen"
