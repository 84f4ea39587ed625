/** What a handler of messages has printed of one. */
export interface Seen {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * A handler that prints each message as JSON, and does what its body says: a status to answer with,
 * `exit`, `block 2000`, or `hold`: answer when the file "release" exists, or another one (`hold FILE`;
 * `hold FILE once`: with 503 at first).
 */
export const messageHandler = `
import { existsSync } from "node:fs";
import process from "node:process";

export default {
  async fetch(request: Request) {
    const body = await request.text();
    const { pathname } = new URL(request.url);
    console.log(JSON.stringify({ path: pathname, headers: Object.fromEntries(request.headers), body }));
    const [word = "", argument, once] = body.split(" ");
    const retries = Number(request.headers.get("amqp-retries"));
    if (word === "exit" && retries === 0) process.exit(3);
    if (word === "once" && retries === 0) return new Response("not yet", { status: Number(argument) });
    if (word === "block") for (const end = Date.now() + Number(argument); Date.now() < end;);
    if (word === "hold") while (!existsSync(argument ?? "release")) await new Promise((r) => setTimeout(r, 20));
    if (once === "once" && retries === 0) return new Response("not yet", { status: 503 });
    if (word === "status") return new Response("as told", { status: Number(argument) });
    return new Response("done: " + body, { headers: { "content-type": "text/x-answer" } });
  },
};
`;
