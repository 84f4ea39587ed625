import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { step } from "./steps.js";

const server = createServer(async (request, response) => {
  if (request.url === "/slow") await step("/slow");
  response.statusCode = request.url === "/nowhere" ? 404 : 200;
  response.end(`plain ${request.url}`);
});

const sockets = new WebSocketServer({
  server,
  path: "/ws",
  perMessageDeflate: true,
  handleProtocols: (offered) => offered.has("second") ? "second" : false,
});

sockets.on("headers", (headers) => headers.push("X-Added: yes"));

sockets.on("connection", (socket, request) => {
  socket.send(`welcome ${request.url} ${sockets.clients.size > 0}`);
  socket.on("message", (data, isBinary) => {
    if (!isBinary && data.toString() === "leave") return socket.close(4001, "left");
    if (!isBinary && data.toString() === "ping") {
      socket.once("pong", (text) => socket.send(`pong ${text}`));
      return socket.ping("abc");
    }
    socket.send(data, { binary: isBinary });
  });
});

server.listen(process.env.PORT ?? 3000);
