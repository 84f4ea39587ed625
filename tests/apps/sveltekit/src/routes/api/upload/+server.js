import { json } from "@sveltejs/kit";

export async function POST({ request }) {
  let length = 0;
  for await (const chunk of request.body) length += chunk.length;
  return json({ length });
}
