import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { found, kinds } from "./support/proxies/kinds.ts";
import { freePorts, variants } from "./support/proxies/page.ts";
import { refused } from "./support/proxies/proxy.ts";

for (const kind of kinds) {
  const program = found(kind);
  const missing = "missing" in program ? program.missing : undefined;
  if (missing !== undefined) console.log(`${kind.name}: ${missing} (proxies_test.ts)`);

  describe(`docs/guide/proxies/${kind.name}.md`, { skip: missing ?? false }, () => {
    for (const variant of variants) {
      test(`${variant}: ${kind.program} accepts it`, async () => {
        assertEquals(await refused(kind, variant, await freePorts()), undefined);
      });
    }
  });
}
