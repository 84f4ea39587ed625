/** Runs before the handler; the image has nothing else that could run it. */
import { hostname } from "node:os";

console.log(`nothing to migrate on ${hostname()}`);
