import type { Ask } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";

const post = (query: string, variables: unknown = {}): Ask => ({
  method: "POST",
  path: "/graphql",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ query, variables }),
  status: 200,
});

testApp({
  name: "yoga",
  packages: { graphql: "17.1.0", "graphql-yoga": "5.24.1" },
  entry: "server.js",
  runtimes: { bun: true, deno: true },
  requests: [
    { ...post("query($n: String!) { hello(name: $n) }", { n: "ü" }), has: '{"hello":"hello Ã¼"}' },
    { ...post("mutation { add(number: 41) }"), has: '{"add":42}' },
    { ...post("{ fail }"), has: '"errors"' },
    { ...post("{ nothing }"), has: "Cannot query field" },
    { ...post(`{ hello(name: "${"x".repeat(50_000)}") }`) },
    { path: "/graphql?query=%7Bhello(name%3A%22get%22)%7D", status: 200, has: "hello get" },
    { path: "/graphql", headers: { Accept: "text/html" }, status: 200, has: "<!doctype html>" },
    { path: "/health", status: 200 },
    { path: "/nowhere", status: 404 },
    { method: "OPTIONS", path: "/graphql", headers: { Origin: "http://a.test" }, status: 204 },
    {
      ...post("subscription { count }"),
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      parts: ['{"count":1}', '{"count":2}', '{"count":3}'],
    },
  ],
  slow: "/slow",
});
