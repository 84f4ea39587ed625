import { burn } from "../work.ts";

export default {
  fetch(_request: Request): Response {
    return new Response(burn());
  },
};
