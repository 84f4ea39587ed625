/**
 * A conversation over WebSocket, as text that can be compared.
 *
 * @module
 */
import type { App, Target } from "./app.ts";
import { shortened } from "./compare.ts";

/** What can be set for {@linkcode talk}. */
export interface TalkOptions {
  protocols?: string[];
  /** How many messages come before the first is sent. Default 1. */
  greetings?: number;
}

/**
 * The head of the answer to the handshake, and what is heard: after the greeting each message is sent when
 * the one before was answered, and the last ends the connection.
 */
export async function talk(
  at: Target,
  path: string,
  messages: readonly (string | Uint8Array<ArrayBuffer>)[],
  { protocols = [], greetings = 1 }: TalkOptions = {},
): Promise<{ handshake: string[]; heard: string[] }> {
  using wire = await at.connect();
  const { head } = await wire.ask({
    path,
    headers: {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version": "13",
      ...(protocols.length === 0 ? {} : { "Sec-WebSocket-Protocol": protocols.join(", ") }),
    },
    status: 101,
  });
  return {
    handshake: head.filter((line) => !/^date:/i.test(line)),
    heard: await heard(socketUrl(at, path), messages, protocols, greetings),
  };
}

function heard(
  url: string,
  messages: readonly (string | Uint8Array<ArrayBuffer>)[],
  protocols: string[],
  greetings: number,
): Promise<string[]> {
  const heard: string[] = [];
  const socket = new WebSocket(url, protocols);
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    let next = 0;
    socket.onopen = () => {
      heard.push(`protocol ${JSON.stringify(socket.protocol)}`);
      if (greetings === 0) socket.send(messages[next++]!);
    };
    socket.onmessage = ({ data }) => {
      heard.push(
        typeof data === "string" ? shortened(data) : `bytes ${new Uint8Array(data).join(" ")}`,
      );
      if (heard.length > greetings && next < messages.length) socket.send(messages[next++]!);
    };
    socket.onclose = ({ code, reason }) => {
      heard.push(`closed ${code} ${JSON.stringify(reason)}`);
      resolve(heard);
    };
    socket.onerror = () => reject(new Error(`${url}: no WebSocket; heard: ${heard.join(", ")}`));
  });
}

/** An open WebSocket, and how it ended. */
export interface OpenSocket {
  close(): void;
  /** The code, once it has been closed. */
  closed: Promise<number>;
}

/** Opens a WebSocket, and waits until the application has said something. */
export function open(
  at: Target,
  { path, protocol }: NonNullable<App["socket"]>,
): Promise<OpenSocket> {
  const socket = new WebSocket(socketUrl(at, path), protocol === undefined ? [] : [protocol]);
  const closed = new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code));
  return new Promise((resolve, reject) => {
    socket.onmessage = () => resolve({ close: () => socket.close(), closed });
    socket.onerror = () => reject(new Error(`${socket.url}: no WebSocket`));
  });
}

function socketUrl({ url }: Target, path: string): string {
  return `${url.replace("http", "ws")}${path}`;
}
