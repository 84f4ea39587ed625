/**
 * The plain text. Like all of these it takes the request, which it does not need: Deno makes none for
 * a function without parameters, and nobody's handler has none.
 *
 * @module
 */
import { greeting } from "../work.ts";

export default {
  fetch(_request: Request): Response {
    return new Response(greeting);
  },
};
