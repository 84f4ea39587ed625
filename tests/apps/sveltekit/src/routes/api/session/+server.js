export function POST() {
  const headers = new Headers({ location: "/" });
  headers.append("set-cookie", "one=1; Path=/; HttpOnly");
  headers.append("set-cookie", "two=2; Path=/");
  return new Response(null, { status: 303, headers });
}
