/** The command line as a program of its own, for the tests: with `BUILTIN`, around a handler. */
import process from "node:process";
import { run } from "../../src/cli/main.ts";

const name = process.env["BUILTIN"];
const builtin = name === undefined ? undefined : { name, module: {} };
process.exit(await run(process.argv.slice(2), builtin));
