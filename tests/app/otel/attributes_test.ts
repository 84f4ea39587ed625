import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { headAttributes, spanName } from "../../../src/app/otel/attributes.ts";
import { TrustedProxies } from "../../../src/app/trusted_proxies.ts";
import type { RequestHead } from "../../../src/app/otel/traces.ts";

interface Given extends Partial<Omit<RequestHead, "header">> {
  proxies?: string[];
  headers?: Record<string, string>;
}

/** The attributes of a request that is nothing but what is given. */
function attributes({ headers = {}, proxies, ...head }: Given) {
  return headAttributes({
    method: "GET",
    target: "/",
    scheme: "http",
    peer: undefined,
    route: undefined,
    header: (name) => headers[name],
    ...head,
  }, proxies && new TrustedProxies(proxies));
}

const least = { "http.request.method": "GET", "url.path": "/", "url.scheme": "http" };

describe("what a span says of a request", () => {
  const cases: Record<string, [Given, Record<string, unknown>]> = {
    "nothing more than it must": [{}, {}],
    "a method that is none, as what it was": [{ method: "FOO" }, {
      "http.request.method": "_OTHER",
      "http.request.method_original": "FOO",
    }],
    "path and query": [{ target: "/a?b=c?d" }, { "url.path": "/a", "url.query": "b=c?d" }],
    "no secret of a query": [
      { target: "/?a=1&sig=x&Signature=y&X-Goog-Signature=z&AWSAccessKeyId=w&design=2" },
      {
        "url.query":
          "a=1&sig=REDACTED&Signature=REDACTED&X-Goog-Signature=REDACTED&AWSAccessKeyId=REDACTED&design=2",
      },
    ],
    "the other end of its connection": [{ peer: "::ffff:10.0.0.1" }, {
      "client.address": "10.0.0.1",
      "network.peer.address": "10.0.0.1",
    }],
    "whom a trusted proxy has had it from, whatever the client wrote before": [
      {
        peer: "::ffff:10.0.0.1",
        proxies: ["10.0.0.0/8"],
        headers: {
          "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.9",
          "x-forwarded-host": "shop.example",
          "x-forwarded-proto": "https",
        },
      },
      {
        "client.address": "192.0.2.1",
        "network.peer.address": "10.0.0.1",
        "server.address": "shop.example",
        "url.scheme": "https",
      },
    ],
    "nothing that others than the trusted proxies write": [
      {
        peer: "192.0.2.7",
        proxies: ["10.0.0.0/8"],
        headers: {
          "x-forwarded-for": "6.6.6.6",
          "x-forwarded-host": "evil.example",
          "x-forwarded-proto": "https",
          host: "web",
        },
      },
      {
        "client.address": "192.0.2.7",
        "network.peer.address": "192.0.2.7",
        "server.address": "web",
      },
    ],
    "whom a proxy has had it from": [
      {
        peer: "10.0.0.1",
        headers: {
          "x-forwarded-for": "192.0.2.1, 10.0.0.9",
          "x-forwarded-host": "shop.example",
          "x-forwarded-proto": "https",
          host: "web:80",
        },
      },
      {
        "client.address": "192.0.2.1",
        "network.peer.address": "10.0.0.1",
        "server.address": "shop.example",
        "url.scheme": "https",
      },
    ],
    "what the standard's Forwarded says, before all others": [
      {
        headers: {
          forwarded: 'for="[2001:db8::1]:4711";proto=https;host="shop.example:8443", for=10.0.0.9',
          "x-forwarded-for": "192.0.2.1",
        },
      },
      {
        "client.address": "2001:db8::1",
        "server.address": "shop.example",
        "server.port": 8443,
        "url.scheme": "https",
      },
    ],
    "a Forwarded that is none": [{ headers: { forwarded: "nonsense" } }, {}],
    "a host with a port": [{ headers: { host: "a.example:8080" } }, {
      "server.address": "a.example",
      "server.port": 8080,
    }],
    "a host that is an address of IPv6": [{ headers: { host: "[::1]" } }, {
      "server.address": "::1",
    }],
    "the authority of HTTP/2": [{ headers: { ":authority": "a.example" } }, {
      "server.address": "a.example",
    }],
    "route and client": [{ route: "/u/:id", headers: { "user-agent": "curl" } }, {
      "http.route": "/u/:id",
      "user_agent.original": "curl",
    }],
  };
  for (const [what, [head, expected]] of Object.entries(cases)) {
    test(what, () => assertEquals(attributes(head), { ...least, ...expected }));
  }

  test("its name has a route, and never a path or a word of the client's", () => {
    assertEquals(
      [spanName("GET", "/u/:id"), spanName("GET", undefined), spanName("FOO", undefined)],
      ["GET /u/:id", "GET", "HTTP"],
    );
  });
});
