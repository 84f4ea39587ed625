import { createHash } from "node:crypto";
import { step } from "./steps.js";

/** What the servers answer that have one handler for everything. */
export async function answer(request: Request, ip: string | undefined): Promise<Response> {
  const { pathname } = new URL(request.url);
  switch (`${request.method} ${pathname}`) {
    case "GET /":
    case "HEAD /":
      return Response.json({ hello: "fetch" }, { headers: { "X-Mixed-Case": "Kept" } });
    case "POST /echo":
      return Response.json({ got: await request.json() }, { status: 201, statusText: "Made" });
    case "GET /who":
      return Response.json({ ip, url: request.url, headers: [...request.headers] });
    case "GET /cookies": {
      const headers = new Headers({ Location: "/" });
      headers.append("Set-Cookie", "one=1");
      headers.append("Set-Cookie", "two=2");
      return new Response(null, { status: 303, headers });
    }
    case "POST /upload": {
      const hash = createHash("sha256");
      let length = 0;
      for await (const chunk of request.body!) {
        hash.update(chunk);
        length += chunk.length;
      }
      return new Response(`${length} ${hash.digest("hex")}`);
    }
    case "GET /large": {
      let index = 0;
      return new Response(
        new ReadableStream({
          pull(controller) {
            if (index === 100) return controller.close();
            controller.enqueue(new TextEncoder().encode(`${index++ % 10}`.repeat(20_000)));
          },
        }),
      );
    }
    case "GET /stream":
      return new Response(ReadableStream.from(parts()), {
        headers: { "Content-Type": "text/event-stream" },
      });
    case "GET /empty":
      return new Response(null, { status: 204 });
    case "GET /slow":
      await step("/slow");
      return new Response("slow");
    case "GET /throw":
      throw new Error("thrown by the handler");
    default:
      return new Response(`no ${pathname}`, { status: 404 });
  }
}

async function* parts() {
  const text = new TextEncoder();
  yield text.encode("data: one\n\n");
  await step("/stream#1");
  yield text.encode("data: two\n\n");
  await step("/stream#2");
  yield text.encode("data: three\n\n");
}
