/**
 * Bytes to an application and back, for what is no usual request.
 *
 * @module
 */
import { once } from "node:events";
import { connect } from "node:net";
import { eventually } from "../wait.ts";
import type { Target } from "./app.ts";

/**
 * Sends bytes on a connection, and gives what came back until the other side closes or `enough` says so.
 *
 * @param then is sent when the first answer's head has come
 */
export async function raw(
  { url }: Target,
  bytes: string,
  enough: (read: string) => boolean = () => false,
  then?: string,
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  let read = "";
  let closed = false;
  socket.setEncoding("latin1").on("data", (text) => read += text);
  socket.on("close", () => closed = true).on("error", () => closed = true);
  socket.write(bytes, "latin1");
  if (then !== undefined) {
    await eventually("the head of an answer", () => closed || read.includes("\r\n\r\n"));
    socket.write(then, "latin1");
  }
  await eventually(`the rest behind ${JSON.stringify(read)}`, () => closed || enough(read));
  socket.destroy();
  return read;
}
