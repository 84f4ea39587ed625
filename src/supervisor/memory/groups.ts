import { readdirSync, readFileSync } from "node:fs";
import { heldBytes } from "../../metrics/process.ts";

/**
 * What all processes of each process group have in memory that cannot be taken back, in bytes. A worker
 * leads a group, so these are those that it has started as well.
 */
export function heldByGroups(): Map<number, number> {
  const held = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const group = /^\d+$/.test(name) ? groupOf(name) : undefined;
    if (group !== undefined) held.set(group, (held.get(group) ?? 0) + (heldBytes(+name) ?? 0));
  }
  return held;
}

function groupOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses, which may hold spaces and parentheses.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
