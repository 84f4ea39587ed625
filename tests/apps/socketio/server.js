import { createServer } from "node:http";
import { Server } from "socket.io";
import { step } from "./steps.js";

const httpServer = createServer(async (request, response) => {
  if (request.url === "/slow") await step("/slow");
  response.statusCode = request.url === "/nowhere" ? 404 : 200;
  response.end(`plain ${request.url}`);
});

const io = new Server(httpServer, { cors: { origin: "*" } });

io.use((socket, next) => {
  next(socket.handshake.auth.token === "wrong" ? new Error("not for you") : undefined);
});

io.on("connection", (socket) => {
  socket.on("echo", (value, answer) => answer(value, socket.conn.transport.name));
  socket.on("all", (value) => io.emit("told", value));
  socket.on("leave", () => socket.disconnect(true));
});

/** Hurricane calls it: a client that polls would be waited for, since its poll is a request in flight. */
export function onDrain() {
  io.close();
}

httpServer.listen(process.env.PORT ?? 3000);
