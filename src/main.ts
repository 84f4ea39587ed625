/**
 * The executable: `hurricane`.
 *
 * @module
 */
import { start } from "./start.ts";

// Not awaited: where a program's main module has not ended, nobody is told that nothing is left to do.
void start();
