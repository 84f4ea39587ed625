import { type Family, suffixes } from "./family.ts";
import { leftOut } from "./left_out.ts";

/**
 * The workers' metrics without those that cannot stand beside Hurricane's own, or beside each
 * other: the same name, or the name of another one's sample. The first one has the name.
 *
 * Workers may run different versions of a handler for a while. A metric of the same name but with
 * another type or other buckets cannot be added up, and counts as a clash too.
 *
 * @param own Hurricane's
 * @param custom the handler's, a list for each worker
 */
export function withoutClashes(own: readonly Family[], custom: readonly Family[][]): Family[][] {
  const owners = new Map<string, string>();
  for (const metric of own) {
    for (const name of namesOf(metric)) owners.set(name, "Hurricane");
  }
  return custom.map((metrics) =>
    metrics.filter((metric) => {
      const owner = shapeOf(metric);
      const names = namesOf(metric);
      const clash = names.find((name) => (owners.get(name) ?? owner) !== owner);
      if (clash === undefined) {
        for (const name of names) owners.set(name, owner);
        return true;
      }
      // `collectDefaultMetrics()` registers these: what is meant is what Hurricane has.
      if (!metric.name.startsWith("process_")) {
        leftOut(metric.name, `${clash} is taken by ${owners.get(clash)}`);
      }
      return false;
    })
  );
}

/** The names that a metric occupies: of its samples, and its own. */
function namesOf({ name, type }: Family): string[] {
  return ["", ...suffixes[type]].map((suffix) => name + suffix);
}

function shapeOf({ name, type, bounds }: Family): string {
  const shape = `the handler's ${type} ${name}`;
  return type === "histogram" ? `${shape} of the buckets ${[...bounds].join(", ")}` : shape;
}
