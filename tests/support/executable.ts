/**
 * dist/hurricane itself, whatever form the other tests run: for what only it does.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const repository = fileURLToPath(new URL("../../", import.meta.url));

/** The executable that scripts/build writes. */
export const executable = join(repository, "dist/hurricane");

if (!existsSync(executable)) throw new Error(`there is no ${executable}: run scripts/build`);

/** Free ports of the loopback interface, for a service under test. */
export const anywhere = ["--host=127.0.0.1", "--port=0", "--probe-port=0"];
