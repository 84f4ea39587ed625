#!/bin/sh
# Deno.watchFs: a watcher that is closed blinds others, and one that is not recursive hears of
# folders that others watch
#
# Deno 2.9.6, on Linux.
#
# Watchers look independent: each has its path, its options, its close(). One would expect that a
# recursive watcher goes on telling of a subfolder when somebody else's watcher on that subfolder has
# been closed, and that one with recursive: false tells of its own folder alone.
#
# All watchers of a process stand on the same system watches, and only their paths are compared.
# Closing the one on "sub" takes away what the recursive one needs there: it is never told of that
# folder again, and no error says so. And one that is not recursive tells of files two folders
# further down as soon as any other watcher looks there.
#
#   recursive, alone: sub/a
#   recursive, another one on "sub" was closed: nothing
#   not recursive, alone: nothing
#   not recursive, another one on "sub/deep": sub/deep/d
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export DENO_DIR="$work/cache"
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error deno@2.9.6 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/watch.mjs" <<'EOF'
const folder = Deno.args[0];
const pause = () => new Promise((resolve) => setTimeout(resolve, 500));

function watch(path, recursive) {
  const watcher = Deno.watchFs(`${folder}/${path}`, { recursive });
  const told = new Set();
  (async () => {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      for (const one of paths) told.add(one.slice(folder.length + 1));
    }
  })();
  return {
    close: () => watcher.close(),
    /** What it tells of a file that is written. */
    async after(file) {
      await pause();
      told.clear();
      Deno.writeTextFileSync(`${folder}/${file}`, "text");
      await pause();
      return [...told].join(", ") || "nothing";
    },
  };
}

Deno.mkdirSync(`${folder}/sub/deep`, { recursive: true });

const all = watch("", true);
console.log(`recursive, alone: ${await all.after("sub/a")}`);
const sub = watch("sub", false);
await pause();
sub.close();
console.log(`recursive, another one on "sub" was closed: ${await all.after("sub/b")}`);
all.close();
await pause();

const top = watch("", false);
console.log(`not recursive, alone: ${await top.after("sub/deep/c")}`);
watch("sub/deep", false);
console.log(`not recursive, another one on "sub/deep": ${await top.after("sub/deep/d")}`);
Deno.exit();
EOF

for deno in "$work"/node_modules/@deno/*/deno; do :; done
sed -n 's/^#   //p' "$0" >"$work/expected"
mkdir "$work/watched"
timeout 30 "$deno" run -A "$work/watch.mjs" "$work/watched" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
