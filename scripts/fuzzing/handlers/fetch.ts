/** Reads the body and says how long it was. Opens its server by itself where it has no Hurricane around it. */
import process from "node:process";

async function fetch(request: Request): Promise<Response> {
  const body = await request.text();
  return new Response(`${body.length}\n`);
}

export default { fetch };

const port = Number(process.env["FUZZ_PORT"] ?? 0);
if (port > 0) {
  if ("Bun" in globalThis) Bun.serve({ port, hostname: "127.0.0.1", fetch });
  else Deno.serve({ port, hostname: "127.0.0.1" }, fetch);
}
