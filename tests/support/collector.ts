/**
 * A collector of OpenTelemetry: takes OTLP over HTTP, and reads its protobuf with OpenTelemetry's own code.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { root } from "./instance.ts";
import { Feed } from "./wait.ts";

/**
 * What is installed beside Hurricane: the last release with the generated messages in it, and what handlers of
 * these tests import. Their `@opentelemetry/api` is another copy than Hurricane's, and an older one.
 */
const packages = [
  "@opentelemetry/otlp-transformer@0.57.2",
  "@opentelemetry/api@1.9.0",
  "express@5.1.0",
];
const folder = join(root, ".tools/otel-0.57.2");

/** The `node_modules` of the handlers. */
export const handlerModules = join(folder, "node_modules");

/** Installs them, once; tells why it cannot. */
export function install(): string | undefined {
  if (existsSync(folder)) return undefined;
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), '{ "private": true }\n');
  writeFileSync(join(partial, "deno.json"), '{ "nodeModulesDir": "manual" }\n');
  const { status, error } = spawnSync(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages],
    { cwd: partial, stdio: "ignore" },
  );
  if (status === 0 && error === undefined) {
    // Another test process may have been faster.
    if (!existsSync(folder)) renameSync(partial, folder);
    else rmSync(partial, { recursive: true });
    return undefined;
  }
  rmSync(partial, { recursive: true, force: true });
  return `skipped: npm cannot install ${packages.join(" ")}`;
}

/** A span as it arrived. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Empty where it has none. */
  parentSpanId: string;
  name: string;
  /** 1 internal, 2 server. */
  kind: number;
  attributes: Record<string, unknown>;
  /** The names of its events. */
  events: string[];
  /** 0 unset, 2 an error. */
  status: number;
  /** Who has made it. */
  scope: string;
  /** The attributes of its process. */
  resource: Record<string, unknown>;
}

/** Listens on a free port of the loopback interface until disposed of. */
export class Collector {
  readonly spans = new Feed<ReceivedSpan>();
  /** The heads of what came. */
  readonly posts: { url: string; headers: IncomingHttpHeaders }[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        this.posts.push({ url: incoming.url ?? "", headers: incoming.headers });
        // Deno's own sends metrics and logs as well.
        if (incoming.url === "/v1/traces") {
          for (const span of spansIn(Buffer.concat(chunks))) this.spans.push(span);
        }
        response.end();
      });
    });
  }

  static async open(port = 0): Promise<Collector> {
    const collector = new Collector();
    await new Promise<void>((resolve) => collector.#server.listen(port, "127.0.0.1", resolve));
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The spans of requests that have come so far. */
  get servers(): ReceivedSpan[] {
    return this.spans.items.filter(({ kind }) => kind === 2);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}

interface RawSpan {
  traceId: Uint8Array;
  spanId: Uint8Array;
  parentSpanId: Uint8Array;
  name: string;
  kind: number;
  attributes: KeyValue[];
  events: { name: string }[];
  status: { code: number } | null;
}

interface RawRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { scope: { name: string }; spans: RawSpan[] }[];
  }[];
}

function spansIn(body: Uint8Array): ReceivedSpan[] {
  const { opentelemetry } = createRequire(join(handlerModules, "x.js"))(
    "@opentelemetry/otlp-transformer/build/src/generated/root",
  );
  const message = opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
  const { resourceSpans } = message.toObject(message.decode(body), {
    longs: Number,
    defaults: true,
  }) as RawRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        name: span.name,
        kind: span.kind,
        attributes: record(span.attributes),
        events: span.events.map(({ name }) => name),
        status: span.status?.code ?? 0,
        scope: scope.name,
        resource: record(resource.attributes),
      }))
    )
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function record(attributes: KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, Object.values(value).find((one) => one !== null)]),
  );
}
