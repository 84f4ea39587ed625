import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { connect } from "node:net";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

/** Each blocks the loop: at once, after it has awaited, or not at all. */
const blocking = `
const block = (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let seen = 0;
const answer = async (path: string): Promise<string> => {
  if (path === "/sync") {
    seen++;
    block(40);
  } else if (path === "/async") {
    seen++;
    await pause(5);
    block(40);
  } else if (path === "/slow") {
    await pause(300);
  }
  return String(seen);
};
`;

const handlers: Record<string, string> = {
  "a handler": `${blocking}
export default async (request: Request) => new Response(await answer(new URL(request.url).pathname));`,
  "a server of node:http": `${blocking}
import { createServer } from "node:http";
createServer(async (req, res) => res.end(await answer(req.url ?? ""))).listen(3000);`,
};

/** Sends a request on a connection of its own; gives its status. */
function status(hurricane: Hurricane, path: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(hurricane.url());
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.setEncoding("latin1");
  socket.on("data", (part: string) => text += part);
  socket.on("error", reject);
  socket.on("close", () => resolve({ status: Number(text.split(" ")[1]), text }));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return promise;
}

async function shed(hurricane: Hurricane): Promise<number> {
  const { text } = await hurricane.probe("/metrics");
  return Number(/^hurricane_requests_shed_total\{reason="wait"\} (\d+)$/m.exec(text)?.[1]);
}

describe(`--max-wait (${form})`, () => {
  for (const [what, source] of Object.entries(handlers)) {
    for (const path of ["/sync", "/async"]) {
      test(`${what}: what waits for too long is refused (${path.slice(1)})`, async () => {
        await using hurricane = await serve(source, { args: ["--max-wait=20ms"] });
        // Wave after wave: one that is over before the loop was late for long enough is taken.
        const statuses: number[] = [];
        await eventually("some to be refused", async () => {
          const wave = await Promise.all(
            Array.from({ length: 20 }, () => status(hurricane, path)),
          );
          for (const { status, text } of wave) {
            statuses.push(status);
            if (status === 503) assertMatch(text, /\r\nretry-after: 1\r\n/i);
          }
          return statuses.includes(503);
        });
        const refused = statuses.filter((one) => one === 503).length;
        const taken = statuses.filter((one) => one === 200).length;
        assertEquals(taken + refused, statuses.length, statuses.join(" "));
        assertEquals(taken > 0, true, "none was taken");
        assertEquals(await shed(hurricane), refused);
        // None of those that were refused has got to the handler.
        await eventually("the loop to be in time again", async () => {
          const { status: last, text } = await status(hurricane, "/seen");
          if (last === 200) assertEquals(text.trim().split("\n").at(-1), String(taken));
          return last === 200;
        });
        assertEquals(await hurricane.stop(), 0);
      });
    }

    test(`${what}: one that is slow, but leaves the loop alone, is not refused`, async () => {
      await using hurricane = await serve(source, { args: ["--max-wait=10s"] });
      const all = await Promise.all(Array.from({ length: 50 }, () => status(hurricane, "/slow")));
      assertEquals(new Set(all.map(({ status }) => status)), new Set([200]));
      assertEquals(await shed(hurricane), 0);
      assertEquals(await hurricane.stop(), 0);
    });
  }
});
