import { given, givenHandler } from "./given.ts";

const { fetch } = await givenHandler();
Bun.serve({ port: given.port, hostname: given.hostname, fetch });
