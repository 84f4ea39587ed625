/**
 * A handler that uses what a bundler has to understand.
 *
 * @module
 */
import { linkPackages } from "./built.ts";
import type { TempDir } from "./temp_dir.ts";

const handler = `
import { Hono } from "hono";
import { Counter } from "prom-client";
import { greet } from "@lib/greet.ts";
import data from "./data.json" with { type: "json" };
import note from "./note.txt" with { type: "text" };
import module from "./add.wasm" with { type: "file" };
import { readFileSync } from "node:fs";
import process from "node:process";

const wasm = await WebAssembly.instantiate(readFileSync(module));
const add = wasm.instance.exports.add as (a: number, b: number) => number;
const served = new Counter({ name: "packed_requests_total", help: "Requests." });

const app = new Hono();
app.get("/", (c) => {
  served.inc();
  return c.json({ alias: greet("you"), json: data.answer, text: note, wasm: add(2, 3) });
});
app.get("/page", (c) => c.html(<p class="one">{greet("page")}</p>));
app.get("/pid", (c) => c.text(String(process.pid)));
app.get("/exit", () => process.exit(3));
app.get("/throw", () => {
  throw new Error("thrown by the handler");
});
export default app;

export function onShutdown() {
  console.log("onShutdown");
}
`;

const tsconfig = `{
  // With a comment, as TypeScript allows.
  "compilerOptions": {
    "jsx": "react-jsx",
    "jsxImportSource": "hono/jsx",
    "paths": { "@lib/*": ["./lib/*"] }
  }
}
`;

/** A module with one function: \`(func (export "add") (param i32 i32) (result i32) …)\`. */
const wasm = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x07, 0x01, 0x03, 0x61, 0x64, 0x64, 0x00, 0x00],
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0x20, 0x01, 0x6a, 0x0b],
]);

/** Lays the handler with its packages into a folder. Returns the handler's path. */
export function layPackedApp(dir: TempDir): string {
  dir.file("tsconfig.json", tsconfig);
  dir.file("package.json", `{"type":"module","dependencies":{"hono":"*","prom-client":"*"}}`);
  dir.file("lib/greet.ts", `export const greet = (name: string): string => "hello " + name;\n`);
  dir.file("data.json", `{"answer":42}`);
  dir.file("note.txt", "a note");
  dir.file("add.wasm", wasm);
  linkPackages(dir, ["hono", "prom-client"]);
  return dir.file("handler.tsx", handler);
}
