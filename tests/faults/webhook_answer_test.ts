/**
 * A webhook's receiver whose answer is small on the wire and large when it is read.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import { saying } from "../support/handlers.ts";
import { form, serve } from "../support/hurricane.ts";
import { Receiver } from "../support/receiver.ts";

const mebibyte = 1024 * 1024;

/** The most memory that a process has had resident at a time, in bytes. */
function peak(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ??
    [];
  return Number(kibibytes) * 1024;
}

describe(`what a webhook's receiver answers (${form})`, () => {
  test("is not inflated, for nobody reads it", {
    skip: process.platform === "linux" ? false : "/proc is Linux's",
  }, async () => {
    const body = gzipSync(Buffer.alloc(500 * mebibyte));
    const headers = { "content-encoding": "gzip" };
    await using receiver = await Receiver.open({ status: 503, headers, body }, 204);
    await using hurricane = await serve(saying("here"), {
      args: ["--webhook-url", receiver.url()],
    });
    // The second one comes when the first answer is done with.
    assertEquals(await receiver.states(2), ["startup succeeded", "startup succeeded"]);
    const most = peak(hurricane.pid);
    assert(most < 160 * mebibyte, `${Math.round(most / mebibyte)} MiB`);
    assertEquals(await hurricane.stop(), 0);
  });
});
