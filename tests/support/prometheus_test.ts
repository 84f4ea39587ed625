import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { parseExposition, valueOf } from "./prometheus.ts";

const good = `# HELP a_total Text with \\\\ and \\n.
# TYPE a_total counter
a_total{b="1",c="\\"\\\\\\n{},"} 3

# HELP h_seconds Histogram.
# TYPE h_seconds histogram
h_seconds_bucket{le="0.5"} 1
h_seconds_bucket{le="+Inf"} 2
h_seconds_sum 1.5e-7
h_seconds_count 2
`;

describe("parseExposition", () => {
  test("reads what is right", () => {
    const families = parseExposition(good);
    assertEquals([...families.keys()], ["a_total", "h_seconds"]);
    assertEquals(families.get("a_total"), {
      name: "a_total",
      help: "Text with \\ and \n.",
      type: "counter",
      samples: [{ name: "a_total", labels: { b: "1", c: '"\\\n{},' }, value: 3 }],
    });
    assertEquals(valueOf(families, "a_total", { c: '"\\\n{},', b: "1" }), 3);
    assertEquals(valueOf(families, "h_seconds_sum"), 1.5e-7);
    assertEquals(valueOf(families, "h_seconds_bucket", { le: "1" }), undefined);
  });

  const bad: Record<string, [from: string, to: string]> = {
    "no line feed at the end": ["h_seconds_count 2\n", "h_seconds_count 2"],
    "a sample outside its metric": ["a_total{", "b_total{"],
    "a TYPE without its HELP before it": ["# HELP a_total", "# HELP a"],
    "not a type of this format": ["a_total counter", "a_total teapot"],
    "a second metric of this name": [
      "h_seconds_count 2\n",
      "h_seconds_count 2\n# HELP a_total A.\n# TYPE a_total gauge\n",
    ],
    "not a number": ["} 3", "} 3,5"],
    "not a sample": ["} 3", "} 3 1700000000"],
    "not a label": ['c="', 'c d="'],
    "a label twice": ['c="', 'b="'],
    "a comma too many": [',"} 3', ',",} 3'],
    "an unknown escape": ["\\n{}", "\\t{}"],
    "a series that was there already": ["} 3\n", '} 3\na_total{c="\\"\\\\\\n{},",b="1"} 4\n'],
    "a counter below zero": ["} 3", "} -3"],
    "bounds not in order": ["0.5", "Inf"],
    "buckets not cumulated": ['"0.5"} 1', '"0.5"} 3'],
    "no +Inf": ["+Inf", "1"],
    "the count is not that of the last bucket": ["_count 2", "_count 1"],
    "no sum": ["h_seconds_sum 1.5e-7\n", ""],
  };
  for (const [what, [from, to]] of Object.entries(bad)) {
    test(`refuses ${what}`, () => {
      assertEquals(good.split(from).length, 2);
      assertThrows(() => parseExposition(good.replace(from, () => to)), Error, what);
    });
  }

  test("knows what OpenMetrics wants otherwise", () => {
    const text = '# HELP a Help.\n# TYPE a counter\na_total{le="1"} 1\n# EOF\n';
    assertEquals(valueOf(parseExposition(text, "openmetrics"), "a_total", { le: "1" }), 1);
    const bad: Record<string, string> = {
      "no # EOF at the end": text.replace("# EOF\n", ""),
      "a sample outside its metric": text.replace("a_total", "a"),
      "not a sample": text.replace("# EOF", "\n# EOF"),
      "a quote that is not escaped": text.replace("Help", '"Help"'),
      "not canonical": text.replace("counter", "summary").replace('a_total{le="1', 'a{quantile="1'),
    };
    for (const [what, text] of Object.entries(bad)) {
      assertThrows(() => parseExposition(text, "openmetrics"), Error, what);
    }
  });
});
