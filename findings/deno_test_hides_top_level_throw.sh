#!/bin/sh
# deno test: a file that throws at its top level passes, when it has called test() of node:test before
#
# Deno 2.9.6.
#
# A test file whose module throws has not defined all of its tests. One would expect that the run
# fails, as it does where the file throws before its first test, where the tests are those of
# Deno.test, and under `node --test`.
#
# From the first test() or describe() on, node:test has listeners for "unhandledrejection" and "error"
# that prevent the default for as long as some test has yet to run. The module's own rejection is such an
# event. So the tests that were defined in time run and pass, those below the throw are missing, nothing
# is written, and the exit code is 0. A rejected promise and a throwing timer that no test waits for are
# lost in the same way. A listener that is there earlier (deno test --preload) and stops the propagation
# of the event brings the failure back.
#
#   throws before its first test: exit code 1, 0 passed
#   throws after its first test: exit code 0, 1 passed
#   the same with Deno.test: exit code 1, 0 passed
#   rejects a promise between two tests: exit code 0, 2 passed
#   throws after its first test, with a listener that came earlier: exit code 1, 0 passed
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache" NO_COLOR=1
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/early.test.mjs" <<'EOF'
import { test } from "node:test";
throw new Error("at the top level");
test("one", () => {});
EOF
cat >"$work/late.test.mjs" <<'EOF'
import { test } from "node:test";
test("one", () => {});
throw new Error("at the top level");
test("two", () => { throw new Error("never seen"); });
EOF
cat >"$work/own.test.mjs" <<'EOF'
Deno.test("one", () => {});
throw new Error("at the top level");
EOF
cat >"$work/rejects.test.mjs" <<'EOF'
import { test } from "node:test";
test("one", () => {});
Promise.reject(new Error("that nobody waits for"));
test("two", () => {});
EOF
cat >"$work/listener.mjs" <<'EOF'
globalThis.addEventListener("unhandledrejection", (event) => event.stopImmediatePropagation());
EOF

for deno in "$work"/node_modules/@deno/*/deno; do :; done
sed -n 's/^#   //p' "$0" >"$work/expected"
cd "$work"
tells() {
  what=$1
  shift
  code=0
  timeout 30 "$deno" test --no-config "$@" >output 2>&1 || code=$?
  passed=$(sed -n 's/^.* | \([0-9]* passed\) .*/\1/p' output)
  echo "$what: exit code $code, $passed"
}
{
  tells "throws before its first test" early.test.mjs
  tells "throws after its first test" late.test.mjs
  tells "the same with Deno.test" own.test.mjs
  tells "rejects a promise between two tests" rejects.test.mjs
  tells "throws after its first test, with a listener that came earlier" --preload=./listener.mjs late.test.mjs
} >seen
cat seen
diff expected seen
