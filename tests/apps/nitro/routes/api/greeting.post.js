import { defineHandler } from "nitro";

export default defineHandler(async (event) => {
  const { name } = await event.req.json();
  event.res.status = 201;
  return { greeting: `Hello, ${name}` };
});
