import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Besides the sources, what dist/hurricane is made of. */
const ingredients = ["deno.json", "deno.lock", "scripts/build", "scripts/versions"];

/** Is there no dist/hurricane, or is something that it is made of younger? */
export function executableIsOld(root: string): boolean {
  const built = statSync(join(root, "dist/hurricane"), { throwIfNoEntry: false });
  if (built === undefined) return true;
  // A folder is younger when something in it has come or gone.
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .map((name) => join("src", name));
  return [...sources, ...ingredients]
    .some((path) => statSync(join(root, path)).mtimeMs > built.mtimeMs);
}
