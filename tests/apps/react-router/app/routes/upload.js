export async function action({ request }) {
  let length = 0;
  for await (const chunk of request.body) length += chunk.length;
  return Response.json({ length });
}
