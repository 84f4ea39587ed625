import type { LabelOf, MetricName } from "../metrics/names.ts";

/** What a series must have: `status=~"5.."` is `{ status: ["=~", "5.."] }`; a text alone must be equal. */
type Matcher = string | readonly ["=" | "!=" | "=~" | "!~", string];

/** The series that a histogram has. */
type HistogramPart = "_bucket" | "_count" | "_sum";

/**
 * Names series of Hurricane's own metrics; what does not exist does not compile.
 *
 * @example
 * ```ts
 * import { seriesOf } from "./promql.ts";
 *
 * const series = seriesOf('job="web"');
 * series("hurricane_probe_healthy", { probe: "readiness" }); // hurricane_probe_healthy{job="web",probe="readiness"}
 * ```
 *
 * @param scope matchers that all of them get, as PromQL has them; may be empty
 */
export function seriesOf(scope: string) {
  return <Name extends MetricName>(
    name: Name,
    labels: { [Label in LabelOf<Name>]?: Matcher } = {},
    part: HistogramPart | "" = "",
  ): string => {
    const own = Object.entries<Matcher | undefined>(labels).flatMap(([label, matcher]) => {
      if (matcher === undefined) return [];
      const [operator, value] = typeof matcher === "string" ? ["=", matcher] : matcher;
      return [`${label}${operator}${JSON.stringify(value)}`];
    });
    const all = [...(scope === "" ? [] : [scope]), ...own].join(",");
    return `${name}${part}${all === "" ? "" : `{${all}}`}`;
  };
}

/** Names series. */
export type Series = ReturnType<typeof seriesOf>;
