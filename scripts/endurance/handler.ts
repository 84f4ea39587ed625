/**
 * What Hurricane serves while `scripts/soak` runs. It writes nothing itself.
 *
 * @module
 */

/** What of Bun's server is used here. */
interface BunServer {
  upgrade(request: Request): boolean;
}

interface BunSocket {
  send(message: string | Uint8Array): unknown;
}

const sent = new Response("sent before");

const routes: Record<string, (url: URL, request: Request, info: unknown) => Answer> = {
  "/quick": (url) => answer(url, Number(url.searchParams.get("status"))),
  "/slow": async (url) => {
    await sleep(numberOf(url, "ms"));
    return answer(url, 200);
  },
  "/upload": async (url, request) => {
    let length = 0;
    for await (const chunk of request.body ?? []) length += chunk.length;
    return answer(url, 200, `${length}`);
  },
  "/refuse": (url) => answer(url, numberOf(url, "status")),
  "/reject": async (url, request) => {
    await request.arrayBuffer();
    return answer(url, numberOf(url, "status"));
  },
  "/events": (url) =>
    new Response(events(numberOf(url, "count"), numberOf(url, "ms")), {
      headers: { ...headers(url), "content-type": "text/event-stream" },
    }),
  "/endless": (url) =>
    new Response(endless(), {
      headers: { ...headers(url), "content-type": "text/event-stream" },
    }),
  "/socket": (_url, request, info) => upgrade(request, info as BunServer),
  "/throw": () => {
    throw new Error("thrown on purpose");
  },
  "/unsendable": () => sent,
  "/block": (url) => {
    for (const end = performance.now() + numberOf(url, "ms"); performance.now() < end;);
    return answer(url, 200);
  },
  "/never": () => new Promise<Response>(() => {}),
};

type Answer = Response | undefined | Promise<Response | undefined>;

function headers(url: URL): Record<string, string> {
  return { "x-id": url.searchParams.get("id") ?? "" };
}

function answer(url: URL, status: number, text = "fine"): Response {
  return new Response(`${text}\n`, { status, headers: headers(url) });
}

function numberOf(url: URL, name: string): number {
  return Number(url.searchParams.get(name));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function events(count: number, ms: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent > 0) await sleep(ms);
      if (sent++ === count) controller.close();
      else controller.enqueue(encoder.encode(`data: ${sent}\n\n`));
    },
  });
}

let draining = false;

/** What closes the streams without an end that are open. */
const open = new Set<() => void>();

/** Called by Hurricane when this process is about to go. */
export function onDrain(): void {
  draining = true;
  for (const close of open) close();
}

/** An event twice a second, until this process drains or its client has left. */
function endless(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = () => {};
  return new ReadableStream({
    start(controller) {
      const tick = () => controller.enqueue(encoder.encode("data: tick\n\n"));
      const ticking = setInterval(tick, 500);
      const close = () => {
        stop();
        controller.close();
      };
      stop = () => {
        clearInterval(ticking);
        open.delete(close);
      };
      open.add(close);
      tick();
      // New ones still come for a while.
      if (draining) close();
    },
    cancel: () => stop(),
  });
}

function upgrade(request: Request, server: BunServer): Response | undefined {
  if (!("Deno" in globalThis)) {
    return server.upgrade(request) ? undefined : new Response("no WebSocket\n", { status: 400 });
  }
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.addEventListener("message", ({ data }) => socket.send(data));
  return response;
}

/** Not ready for two of 25 seconds, so that there is something to tell by webhooks. */
export const checks = {
  readiness: {
    mood: () => {
      if (Math.floor(Date.now() / 1000) % 25 < 2) throw new Error("not in the mood");
    },
  },
};

await sent.text();

export default {
  fetch(request: Request, info: unknown): Answer {
    const start = request.url.indexOf("/", request.url.indexOf("//") + 2);
    const url = new URL(
      request.url.startsWith("/") ? request.url : request.url.slice(start),
      "http://soak",
    );
    const route = routes[url.pathname];
    return route === undefined ? answer(url, 404) : route(url, request, info);
  },
  websocket: {
    message(socket: BunSocket, message: string | Uint8Array) {
      socket.send(message);
    },
  },
};
