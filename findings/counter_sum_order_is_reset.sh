#!/bin/sh
# Prometheus and prom-client: the same counters, added up in another order, are a restart from 0
#
# prom-client 15.1.3 (AggregatorRegistry), promtool 2.42.0 (Debian 12's prometheus).
#
# The counters of several processes are added up for each scrape. One would expect that the order in
# which the processes answer does not matter, and that increase() is 0 as long as no counter changes.
#
# Counters of seconds are fractions, and the last digit of their sum depends on the order. Prometheus
# knows no tolerance: the least fall is a restart, after which the whole value is an increase. Here a
# service that has done nothing for a minute seems to have done a lifetime's work in it.
#
#   added up as 3 2 1: busy_seconds_total 1000.6
#   added up as 1 2 3: busy_seconds_total 1000.5999999999999
#   resets within a minute: {} 1E+00
#   increase within a minute: {} 1.0005999999999999E+03
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
case $(promtool --version 2>&1) in
  *"version 2.42.0"*) ;;
  *) echo "needs promtool 2.42.0, from Debian 12's prometheus" >&2; exit 2 ;;
esac
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error prom-client@15.1.3 >"$work/npm.log" 2>&1 ||
  { cat "$work/npm.log" >&2; exit 2; }

cat >"$work/sum.mjs" <<'EOF'
import client from "prom-client";

const [first, second, third] = await Promise.all([400.1, 300.2, 300.3].map((seconds) => {
  const registry = new client.Registry();
  const settings = { name: "busy_seconds_total", help: "Time at work", registers: [registry] };
  new client.Counter(settings).inc(seconds);
  return registry.getMetricsAsJSON();
}));
for (const order of [[third, second, first], [first, second, third]]) {
  const lines = (await client.AggregatorRegistry.aggregate(order).metrics()).split("\n");
  console.log(lines.find((line) => line.startsWith("busy")));
}
EOF
timeout 30 node "$work/sum.mjs" >"$work/sums" || true

# promtool's word for what an expression was instead of the 0 that is expected of it, after two scrapes
# of the first sum and three of the second.
got() {
  before=$(sed -n '1s/.* //p' "$work/sums")
  after=$(sed -n '2s/.* //p' "$work/sums")
  cat >"$work/test.yml" <<EOF
rule_files: []
tests:
  - interval: 15s
    input_series:
      - series: busy_seconds_total
        values: "$before $before $after $after $after"
    promql_expr_test:
      - expr: $1(busy_seconds_total[1m])
        eval_time: 1m
        exp_samples: [{ labels: "{}", value: 0 }]
EOF
  timeout 30 promtool test rules "$work/test.yml" 2>&1 | sed -n 's/^ *got: *//p'
}

sed -n 's/^#   //p' "$0" >"$work/expected"
{
  echo "added up as 3 2 1: $(sed -n 1p "$work/sums")"
  echo "added up as 1 2 3: $(sed -n 2p "$work/sums")"
  echo "resets within a minute: $(got resets)"
  echo "increase within a minute: $(got increase)"
} >"$work/seen"
cat "$work/seen"
diff "$work/expected" "$work/seen"
