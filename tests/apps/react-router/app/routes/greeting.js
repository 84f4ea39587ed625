export function loader({ request }) {
  const name = new URL(request.url).searchParams.get("name") ?? "you";
  return Response.json({ greeting: `Hello, ${name}` });
}

export async function action({ request }) {
  const { name } = await request.json();
  return Response.json({ greeting: `Hello, ${name}` }, { status: 201 });
}
