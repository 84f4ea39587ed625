import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { listener } from "./listener.js";

const server = createServer(listener);

server.on("checkContinue", (request, response) => {
  response.writeContinue();
  server.emit("request", request, response);
});

// A protocol of its own, which a client asks for by an upgrade: it sends back what comes.
server.on("upgrade", (request, socket, head) => {
  const key = createHash("sha1").update(request.headers["x-key"] ?? "").digest("hex");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-Key: ${key}\r\n\r\n`,
  );
  if (head.length > 0) socket.write(head);
  socket.pipe(socket);
});

server.listen(process.env.PORT ?? 3000, () => {
  console.log(`listening: ${typeof server.address().port} ${server.listening}`);
});
