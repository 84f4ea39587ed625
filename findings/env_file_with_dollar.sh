#!/bin/sh
# One .env file, two readers: Bun replaces $NAME in single quotes, too; Deno eats "$$" with what follows
#
# Bun 1.4.5 (which reads .env by itself), Deno 2.9.6 (--env-file=.env).
#
# Single quotes are what one gives a password with a "$" in it, as in a shell. One would expect that
# they keep it literally, and that the same file means the same to both runtimes.
#
# To Bun, single quotes make no difference. "$$word" loses "word" in both, and both dollars in Deno.
# "${NAME:-default}" has its default in Bun and is empty in Deno. A backslash before the "$" means the
# same to both, but not within single quotes, where Deno keeps it.
#
#   in the file      Bun       Deno
#   'pa$WORD'        pasecret  pa$WORD
#   'p$a$s'          p         p$a$s
#   'pa\$WORD'       pa$WORD   pa\$WORD
#   pa\$WORD         pa$WORD   pa$WORD
#   pa$$word         pa$       pa
#   'pa$$word'       pa$       pa$$word
#   ${NONE:-default} default
#   pa$-word         pa$-word  pa-word
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error bun@1.4.5 deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

sed -n 's/^#   //p' "$0" >"$work/expected"
sed '1d; s/ .*//' "$work/expected" >"$work/values"
{
  echo WORD=secret
  awk '{ print "V" NR "=" $0 }' "$work/values"
} >"$work/.env"
cat >"$work/print.mjs" <<'EOF'
import process from "node:process";

for (let line = 1; line <= 8; line++) console.log(process.env[`V${line}`]);
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
for deno in "$work"/node_modules/@deno/*/deno; do :; done
cd "$work"
timeout 30 "$bun" print.mjs >of_bun || true
timeout 30 "$deno" run -A --env-file=.env print.mjs >of_deno || true
{
  echo 'in the file      Bun       Deno'
  paste values of_bun of_deno | awk -F '\t' '{ printf "%-16s %-9s %s\n", $1, $2, $3 }'
} >seen
cat seen
# Blanks at the ends of lines do not count.
diff -b expected seen
