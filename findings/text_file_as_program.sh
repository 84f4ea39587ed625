#!/bin/sh
# node:child_process: an executable text without "#!" is run by /bin/sh in Deno, and thrown by spawn() in
# Bun
#
# Bun 1.4.5, Deno 2.9.6.
#
# spawn(file) without a shell gives the file to the system, which refuses a text that does not begin with
# "#!" (ENOEXEC). One would expect the "error" event that a file has which is missing or not executable.
#
# Deno has it read by /bin/sh, as execvp(3) does (and Node): "no shell" holds for the arguments alone, and
# a start script without its first line works. In Bun the same script does not, and spawn() does not tell
# of it by the event, as of other files that cannot be run, but throws; without a try the caller ends.
#
#   Bun, missing: event ENOENT
#   Bun, not executable: event EACCES
#   Bun, text: thrown ENOEXEC
#   Deno, missing: event ENOENT
#   Deno, not executable: event EACCES
#   Deno, text: exit code 7, wrote "run with a b"
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

printf 'echo "run with $*"\nexit 7\n' >"$work/text"
cp "$work/text" "$work/plain"
chmod +x "$work/text"
cat >"$work/spawn.mjs" <<'EOF'
import { spawn } from "node:child_process";
import process from "node:process";

const [runtime, folder] = process.argv.slice(2);

function run(file) {
  return new Promise((resolve) => {
    try {
      const child = spawn(`${folder}/${file}`, ["a", "b"]);
      let text = "";
      child.stdout.on("data", (data) => text += data);
      child.on("error", ({ code }) => resolve(`event ${code}`));
      child.on("close", (code) => resolve(`exit code ${code}, wrote "${text.trim()}"`));
    } catch ({ code }) {
      resolve(`thrown ${code}`);
    }
  });
}

console.log(`${runtime}, missing: ${await run("missing")}`);
console.log(`${runtime}, not executable: ${await run("plain")}`);
console.log(`${runtime}, text: ${await run("text")}`);
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
for deno in "$work"/node_modules/@deno/*/deno; do :; done
sed -n 's/^#   //p' "$0" >"$work/expected"
{
  timeout 30 "$bun" "$work/spawn.mjs" Bun "$work" || true
  timeout 30 "$deno" run -A "$work/spawn.mjs" Deno "$work" || true
} >"$work/seen"
cat "$work/seen"
diff "$work/expected" "$work/seen"
