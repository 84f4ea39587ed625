import { app } from "./app.ts";

app
  .ws("/ws", {
    open: (socket) => {
      socket.subscribe("everybody");
      socket.send("welcome");
    },
    message: (socket, message) => {
      if (message === "leave") return socket.close(4001, "left");
      socket.send(message);
    },
  })
  .listen(process.env.PORT ?? 3000);
