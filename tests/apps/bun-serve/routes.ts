import { answer } from "./answer.ts";

const server = Bun.serve<{ name: string }>({
  port: process.env.PORT ?? 3000,
  development: false,
  routes: {
    "/static": new Response("made once", { headers: { "X-Kind": "static" } }),
    "/file": new Response(Bun.file(new URL("./note.txt", import.meta.url))),
    "/users/:id": (request) =>
      Response.json({ id: request.params.id, theme: request.cookies.get("theme") }),
    "/bake": (request) => {
      request.cookies.set("one", "1", { httpOnly: true });
      request.cookies.set("two", "2");
      return new Response("baked");
    },
    "/methods": {
      GET: () => new Response("got"),
      POST: async (request) => Response.json({ got: await request.text() }),
    },
    "/published": (_request, server) =>
      Response.json({ reached: server.publish("everybody", "news"), id: server.id }),
    "/any/*": (request) => new Response(new URL(request.url).pathname),
    "/off": false,
  },
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/ws") {
      const upgraded = server.upgrade(request, {
        data: { name: "you" },
        headers: { "X-Added": "yes" },
      });
      return upgraded ? undefined : new Response("no WebSocket", { status: 426 });
    }
    return answer(request, server.requestIP(request)?.address);
  },
  websocket: {
    open(socket) {
      socket.subscribe("everybody");
      socket.send(`welcome ${socket.data.name} ${server.subscriberCount("everybody") > 0}`);
    },
    message(socket, message) {
      if (message === "leave") return socket.close(4001, "left");
      if (message === "news") return void server.publish("everybody", "to all");
      socket.send(message);
    },
  },
  error(error) {
    return new Response(`mended: ${error.message}`, { status: 500 });
  },
});
