export default defineEventHandler(async (event) => {
  let length = 0;
  for await (const chunk of getRequestWebStream(event)) length += chunk.length;
  return { length };
});
