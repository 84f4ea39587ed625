import { given, givenHandler } from "./given.ts";

const { fetch } = await givenHandler();
Deno.serve(
  { port: given.port, hostname: given.hostname, onListen() {} },
  fetch,
);
