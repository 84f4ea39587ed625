#!/bin/sh
# cac: an option's text is made a number, even where it is declared as a String, and "--tag=" takes the
# next argument
#
# cac 7.1.0.
#
# cli.option("--tag <tag>", …) declares an option that has a value. One would expect the value to be
# the text that was given, as positional arguments are, at least with { type: [String] }, and "--tag="
# (which is what a shell makes of "--tag=$UNSET") to be the empty text.
#
# Whatever Number() can read becomes a number first: leading zeros, versions, long ids and hexadecimal
# lose what they were, and an empty text is 0. { type: [String] } makes a text of that number again.
# "--tag=" swallows the positional argument behind it, and a value like -5 is an option named "5".
#
#   --tag 0123                  tag 123; as a String ["123"]
#   --tag 1.10                  tag 1.1; as a String ["1.1"]
#   --tag 20261128123456789012  tag 20261128123456790000; as a String ["20261128123456790000"]
#   --tag 0x10                  tag 16; as a String ["16"]
#   --tag ''                    tag 0; as a String ["0"]
#   --tag= file                 tag "file"; as a String ["file"]
#   --tag -5                    5 true, tag true; as a String ["true"]
#   0123                        positional "0123"
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error cac@7.1.0 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/parse.mjs" <<'EOF'
import { cac } from "cac";

function parse(line, settings) {
  const cli = cac("tool");
  cli.option("--tag <tag>", "a text", settings);
  return cli.parse(["node", "tool", ...line], { run: false });
}

const lines = [
  ["--tag", "0123"],
  ["--tag", "1.10"],
  ["--tag", "20261128123456789012"],
  ["--tag", "0x10"],
  ["--tag", ""],
  ["--tag=", "file"],
  ["--tag", "-5"],
  ["0123"],
];
for (const line of lines) {
  const { args, options: { "--": _, ...options } } = parse(line);
  const seen = [
    ...Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
    ...args.map((arg) => `positional ${JSON.stringify(arg)}`),
  ].join(", ");
  const asString = "tag" in options
    ? `; as a String ${JSON.stringify(parse(line, { type: [String] }).options.tag)}`
    : "";
  console.log(line.map((word) => word || "''").join(" ").padEnd(27), seen + asString);
}
EOF

sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 node "$work/parse.mjs" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
