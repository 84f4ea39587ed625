#!/bin/sh
# prom-client: to write a registry as OpenMetrics once takes "_total" from its counters' names for good
#
# prom-client 15.1.3.
#
# A registry answers in the format that a scraper asks for: setContentType(), then metrics(). One
# would expect each answer to depend on the format alone, and the text format to have
# "jobs_total" whoever has scraped before.
#
# metrics() writes OpenMetrics by renaming the counter itself. From then on the text format shows "jobs",
# another series: dashboards lose "jobs_total" when the first scraper asks for OpenMetrics, until a
# restart. getMetricsAsJSON() gives the new name, too, while getSingleMetric() knows the old one only.
#
#   text: jobs_total 1
#   OpenMetrics: jobs_total 1
#   text again: jobs 1
#   getMetricsAsJSON(): jobs
#   getSingleMetric("jobs_total").name: jobs
#   getSingleMetric("jobs"): undefined
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error prom-client@15.1.3 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/scrape.mjs" <<'EOF'
import client from "prom-client";

const registry = new client.Registry();
new client.Counter({ name: "jobs_total", help: "Jobs done", registers: [registry] }).inc();

async function scrape(contentType) {
  registry.setContentType(contentType);
  const lines = (await registry.metrics()).split("\n");
  return lines.find((line) => line.startsWith("jobs"));
}

console.log("text:", await scrape(client.Registry.PROMETHEUS_CONTENT_TYPE));
console.log("OpenMetrics:", await scrape(client.Registry.OPENMETRICS_CONTENT_TYPE));
console.log("text again:", await scrape(client.Registry.PROMETHEUS_CONTENT_TYPE));
console.log("getMetricsAsJSON():", (await registry.getMetricsAsJSON())[0].name);
console.log('getSingleMetric("jobs_total").name:', registry.getSingleMetric("jobs_total").name);
console.log('getSingleMetric("jobs"):', registry.getSingleMetric("jobs"));
EOF

sed -n 's/^#   //p' "$0" >"$work/expected"
timeout 30 node "$work/scrape.mjs" >"$work/seen" || true
cat "$work/seen"
diff "$work/expected" "$work/seen"
