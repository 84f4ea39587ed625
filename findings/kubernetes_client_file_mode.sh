#!/bin/sh
# @kubernetes/client-node: loadYaml() reads "defaultMode: 0440" as the number 440, which is the mode 0670
#
# @kubernetes/client-node 2.0.1, run by Bun 1.4.5; yaml 2.9.1 as a reader of YAML 1.1.
#
# Kubernetes' documentation writes the modes of a volume's files as 0400 or 0644, and kubectl reads them
# as octal numbers, as YAML 1.1 has it. One would expect that the client library, whose loadYaml() is
# there for the same files, gives the same object.
#
# It reads YAML 1.2, where a leading zero means nothing. 0644 becomes 644, which is above 0777, so the API
# refuses it; 0440 becomes 440, which is in range and another mode: files that were to be read by owner
# and group can be written and executed by both. "0o440" and 288 mean the same to both readers.
#
#   0644   kubectl's YAML 1.1: 420 (mode 0644)  loadYaml(): 644 (mode 01204)
#   0440   kubectl's YAML 1.1: 288 (mode 0440)  loadYaml(): 440 (mode 0670)
#   288    kubectl's YAML 1.1: 288 (mode 0440)  loadYaml(): 288 (mode 0440)
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error \
  bun@1.4.5 @kubernetes/client-node@2.0.1 yaml@2.9.1 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/modes.mjs" <<'EOF'
import { loadYaml } from "@kubernetes/client-node";
import { parse } from "yaml";

const manifest = (mode) => `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers: [{ name: web, image: web, volumeMounts: [{ name: keys, mountPath: /keys }] }]
  volumes: [{ name: keys, secret: { secretName: keys, defaultMode: ${mode} } }]
`;
function modeOf(pod) {
  const { defaultMode } = pod.spec.volumes[0].secret;
  return `${defaultMode} (mode 0${defaultMode.toString(8)})`;
}
for (const mode of ["0644", "0440", "288"]) {
  const text = manifest(mode);
  const old = modeOf(parse(text, { version: "1.1" }));
  console.log(`${mode.padEnd(6)} kubectl's YAML 1.1: ${old}  loadYaml(): ${modeOf(loadYaml(text))}`);
}
EOF

for bun in "$work"/node_modules/@oven/*/bin/bun; do "$bun" --version >"$work/version" 2>&1 && break; done
sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 "$bun" "$work/modes.mjs" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
