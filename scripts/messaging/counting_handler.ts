import process from "node:process";

const count = Number(process.env["COUNT"]);

/** When the first one came, in milliseconds. */
let first = 0;
let seen = 0;
const latencies: number[] = [];

function now(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Says, when it has seen as many messages as the variable `COUNT` says, in how many milliseconds that was,
 * and how old each was: a message begins with the time at which it was published.
 */
export default {
  async fetch(request: Request): Promise<Response> {
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (seen++ === 0) first = now();
    latencies.push(now() - new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0));
    if (seen === count) {
      latencies.sort((a, b) => a - b);
      const at = (share: number) => latencies[Math.floor(share * (count - 1))];
      console.log(JSON.stringify({ milliseconds: now() - first, p50: at(0.5), p99: at(0.99) }));
    }
    return new Response("done");
  },
};
