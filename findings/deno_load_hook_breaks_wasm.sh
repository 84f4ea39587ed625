#!/bin/sh
# Deno: a load hook that only passes on makes the import of a .wasm module a syntax error
#
# Deno 2.9.6, module.registerHooks() of node:module.
#
# A tool looks at what is loaded: load(url, context, nextLoad) returns what nextLoad() gives. One would
# expect that this changes nothing, as the same of a resolve hook changes nothing.
#
# nextLoad() gives the module as a text without a format, also where it is WebAssembly. Passed on like
# that, it is read as JavaScript. TypeScript and JSON survive.
#
#   no hook: ts 42, json 42, wasm 42
#   resolve: ts 42, json 42, wasm 42
#   load: ts 42, json 42, wasm SyntaxError; nextLoad() gave a string, format undefined
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

echo 'export const answer: number = 42;' >"$work/answer.ts"
echo '{ "answer": 42 }' >"$work/answer.json"
cat >"$work/import.mjs" <<'EOF'
import { writeFileSync } from "node:fs";
import module from "node:module";

// (module (func (export "answer") (result i32) i32.const 42))
writeFileSync(
  new URL("answer.wasm", import.meta.url),
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f],
    ...[0x03, 0x02, 0x01, 0x00, 0x07, 0x0a, 0x01, 0x06, 0x61, 0x6e, 0x73, 0x77, 0x65, 0x72, 0x00],
    ...[0x00, 0x0a, 0x06, 0x01, 0x04, 0x00, 0x41, 0x2a, 0x0b],
  ]),
);

let gave = "";
const hooks = {
  resolve: (specifier, context, nextResolve) => nextResolve(specifier, context),
  load(url, context, nextLoad) {
    const result = nextLoad(url, context);
    if (url.endsWith(".wasm")) {
      gave = `; nextLoad() gave a ${typeof result.source}, format ${result.format}`;
    }
    return result;
  },
};
const name = Deno.args[0];
if (name in hooks) module.registerHooks({ [name]: hooks[name] });

async function from(load) {
  try {
    return await load();
  } catch (error) {
    return error.name;
  }
}
const ts = await from(async () => (await import("./answer.ts")).answer);
const json = await from(async () =>
  (await import("./answer.json", { with: { type: "json" } })).default.answer
);
const wasm = await from(async () => (await import("./answer.wasm")).answer());
console.log(`${name}: ts ${ts}, json ${json}, wasm ${wasm}${gave}`);
EOF

for deno in "$work"/node_modules/@deno/*/deno; do :; done
sed -n 's/^#   //p' "$0" >"$work/expected"
for hook in 'no hook' resolve load; do
  timeout 30 "$deno" run -A "$work/import.mjs" "$hook" || true
done >"$work/seen"
cat "$work/seen"
diff "$work/expected" "$work/seen"
