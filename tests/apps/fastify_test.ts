import { testApp } from "../support/apps/conformance.ts";
import { octets, usual } from "../support/apps/requests.ts";

testApp({
  name: "fastify",
  host: "127.0.0.1",
  packages: { "@fastify/cookie": "11.1.5", fastify: "5.12.8" },
  entry: "server.js",
  runtimes: { bun: true, deno: true },
  requests: [
    ...Object.values(octets(usual)),
    {
      method: "POST",
      path: "/echo",
      headers: { "Content-Type": "application/json" },
      body: "{}",
      status: 400,
      has: "must have required property",
    },
    { path: "/web", status: 202, has: "a web response" },
  ],
  slow: "/slow",
});
