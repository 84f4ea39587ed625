import { answer } from "./answer.ts";

const port = Number(Deno.env.get("PORT") ?? 8000);
const handler = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => {
  if (new URL(request.url).pathname !== "/ws") return answer(request, info.remoteAddr.hostname);
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "second" });
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send("welcome");
  socket.onmessage = ({ data }) =>
    data === "leave" ? socket.close(4001, "left") : socket.send(data);
  return response;
};
const onError = (error: unknown) =>
  new Response(`mended: ${(error as Error).message}`, { status: 500 });

const forms: Record<string, () => { finished: Promise<void>; addr: Deno.Addr }> = {
  "a handler": () => Deno.serve(handler),
  "options and a handler": () => Deno.serve({ port, onError }, handler),
  "options with a handler": () => Deno.serve({ port, handler, onListen: () => {} }),
  "TLS": () =>
    Deno.serve({
      port,
      cert: Deno.env.get("TLS_CERT")!,
      key: Deno.env.get("TLS_KEY")!,
    }, handler),
};

const server = forms[Deno.env.get("FORM") ?? "a handler"]!();
console.log("transport", server.addr.transport);
await server.finished;
