import { pieceStream } from "../work.ts";

export default {
  fetch(_request: Request): Response {
    return new Response(pieceStream(), { headers: { "content-type": "text/plain" } });
  },
};
