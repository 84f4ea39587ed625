import { block, blockingTime, greeting } from "../work.ts";

export default {
  fetch(request: Request): Response {
    block(blockingTime(request.url));
    return new Response(greeting);
  },
};
