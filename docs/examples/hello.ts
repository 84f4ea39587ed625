/** The smallest handler: `hurricane serve docs/examples/hello.ts` */
export default {
  fetch(request: Request): Response {
    return new Response(`Hello from ${new URL(request.url).pathname}\n`);
  },
};
