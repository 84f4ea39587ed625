import { connect } from "node:net";

/**
 * Sends bytes (Latin-1) on a connection of their own, and tells what came back: the statuses of the
 * answers in their order, and how it ended; `200 closed`, or `silent` where nothing came for `patience`
 * milliseconds.
 */
export function send(port: number, bytes: string, patience: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = "";
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const end = (how: string): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve([...statusesOf(received), how].join(" "));
  };
  const timer = setTimeout(() => end("silent"), patience);
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    received += text;
    // The connection is kept: whether more comes is seen when it has been silent for a while.
    timer.refresh();
  });
  socket.on("error", () => end("closed"));
  socket.on("close", () => end("closed"));
  socket.write(bytes, "latin1");
  return promise;
}

/** The statuses of the answers in what came, but for those that an answer's own body holds. */
function statusesOf(received: string): string[] {
  return [...received.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => status!);
}
