/**
 * The executable: `hurricane`.
 *
 * @module
 */
import { start } from "./start.ts";

await start();
