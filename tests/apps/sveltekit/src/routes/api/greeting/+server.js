import { json } from "@sveltejs/kit";

export function GET({ url }) {
  return json({ greeting: `Hello, ${url.searchParams.get("name") ?? "you"}` });
}

export async function POST({ request }) {
  const { name } = await request.json();
  return json({ greeting: `Hello, ${name}` }, { status: 201 });
}
