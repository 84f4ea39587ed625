/** What anybody says is heard by all: on WebSockets at `/socket`, as an event stream at `/events`. */

/** A WebSocket of either runtime, or an event stream. */
interface Guest {
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

const onDeno = "Deno" in globalThis;
const guests = new Set<Guest>();
let draining = false;

function join(guest: Guest): void {
  // Requests still come until `--shutdown-delay` is over.
  if (draining) leave(guest);
  else guests.add(guest);
}

/** The client connects again, and finds another pod. */
function leave(guest: Guest): void {
  guests.delete(guest);
  guest.close(1000, "restarting");
}

function tellAll(text: string): void {
  for (const guest of guests) guest.send(text);
}

export function onDrain(): void {
  draining = true;
  for (const guest of guests) leave(guest);
}

export default {
  async fetch(request: Request, info: object): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    if (pathname === "/events") return eventStream();
    if (pathname === "/socket" && request.headers.get("upgrade") === "websocket") {
      return upgrade(request, info);
    }
    if (request.method !== "POST") return new Response(null, { status: 404 });
    const heardBy = guests.size;
    tellAll(await request.text());
    return new Response(`heard by ${heardBy}\n`);
  },
  ...onDeno ? {} : { websocket: socketsOfBun() },
};

function upgrade(request: Request, info: object): Response | undefined {
  if ("upgrade" in info) {
    (info.upgrade as (request: Request) => boolean)(request);
    return undefined;
  }
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => join(socket);
  socket.onmessage = ({ data }) => tellAll(data);
  socket.onclose = () => guests.delete(socket);
  return response;
}

function socketsOfBun() {
  return {
    open: join,
    message: (_socket: Guest, text: string) => tellAll(text),
    close: (socket: Guest) => void guests.delete(socket),
  };
}

function eventStream(): Response {
  let guest: Guest;
  const stream = new ReadableStream<string>({
    start(controller) {
      guest = {
        send: (text) => controller.enqueue(`data: ${JSON.stringify(text)}\n\n`),
        close: () => controller.close(),
      };
      // Something has to be sent for the head of the answer to go out.
      controller.enqueue(": welcome\n\n");
      join(guest);
    },
    cancel: () => void guests.delete(guest),
  });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
  return new Response(stream.pipeThrough(new TextEncoderStream()), { headers });
}
