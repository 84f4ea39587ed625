import { defineHandler } from "nitro";

export default defineHandler(async ({ req }) => {
  let length = 0;
  for await (const chunk of req.body) length += chunk.length;
  return { length };
});
