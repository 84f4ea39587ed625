export function GET(request) {
  return Response.json({ greeting: `Hello, ${request.nextUrl.searchParams.get("name") ?? "you"}` });
}

export async function POST(request) {
  const { name } = await request.json();
  return Response.json({ greeting: `Hello, ${name}` }, { status: 201 });
}
