/**
 * Prints the webhooks that it receives; a handler like any other.
 *
 *     hurricane serve docs/examples/receiver.ts --port 9000 --no-probe --log-level warn
 */
export default {
  async fetch(request: Request): Promise<Response> {
    console.log(request.headers.get("webhook-id"), await request.text());
    return new Response(null, { status: 204 });
  },
};
