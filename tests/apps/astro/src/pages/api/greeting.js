export function GET({ url }) {
  return Response.json({ greeting: `Hello, ${url.searchParams.get("name") ?? "you"}` });
}

export async function POST({ request }) {
  const { name } = await request.json();
  return Response.json({ greeting: `Hello, ${name}` }, { status: 201 });
}
