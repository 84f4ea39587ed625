import { record } from "../work.ts";

export default {
  fetch(_request: Request): Response {
    return Response.json(record);
  },
};
