/** What a migration would do: `--command docs/examples/migrate.ts` */
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const database = join(tmpdir(), "hurricane-todo.json");
if (existsSync(database)) console.log("nothing to do");
else {
  writeFileSync(database, "[]");
  console.log(`created ${database}`);
}
