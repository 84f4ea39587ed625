import { lookUp } from "../work.ts";

export default {
  async fetch(_request: Request): Promise<Response> {
    return new Response(await lookUp());
  },
};
