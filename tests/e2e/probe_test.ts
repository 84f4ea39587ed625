import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { freePort } from "../support/free_port.ts";
import { saying } from "../support/handlers.ts";
import { form, run, serve } from "../support/hurricane.ts";

/** Runs `hurricane probe` to its end. */
async function probe(args: string[], env: Record<string, string> = {}) {
  await using hurricane = run(["probe", ...args], env);
  const { code } = await hurricane.exited;
  const [out, err] = [hurricane.stdout, hurricane.stderr].map(({ items }) => items.join("\n"));
  return { code, out: out ?? "", err: err ?? "" };
}

/** The port of an address. */
const portOf = (url: string) => new URL(url).port;

const failing = `
export default { fetch: () => new Response("") };
export const checks = { readiness: { database: () => { throw new Error("no database"); } } };
`;

describe(`hurricane probe (${form})`, () => {
  test("prints what each probe answers, and exits 0", async () => {
    await using hurricane = await serve(saying("hello"));
    const port = portOf(hurricane.probeUrl("/"));
    const answers = {
      startup: /^started in \d/,
      readiness: /^ready, request queue length 0 of 100$/,
      liveness: /^alive$/,
    };
    for (const [type, answer] of Object.entries(answers)) {
      const { code, out, err } = await probe([type, "--probe-port", port]);
      assertEquals([code, err], [0, ""]);
      assertMatch(out, answer);
    }
  });

  test("goes through no proxy", async () => {
    await using hurricane = await serve(saying("hello"));
    const proxy = `http://127.0.0.1:${await freePort()}`;
    const env = { HTTP_PROXY: proxy, http_proxy: proxy };
    const port = portOf(hurricane.probeUrl("/"));
    assertEquals((await probe(["liveness", "--probe-port", port], env)).code, 0);
  });

  test("prints what is wrong, and exits 1", async () => {
    await using hurricane = await serve(failing);
    const port = portOf(hurricane.probeUrl("/"));
    const { code, out } = await probe(["readiness", "--probe-port", port]);
    assertEquals(code, 1);
    assertMatch(out, /database.*no database/);
    assertEquals((await probe(["liveness", "--probe-port", port])).code, 0);
  });

  test("finds port, host and paths as serve does: by the same variables and flags", async () => {
    const env: Record<string, string> = {
      HURRICANE_HOST: "0.0.0.0",
      HURRICANE_READINESS_PROBE: "up",
      HURRICANE_PROBE_PORT: String(await freePort()),
      // Of no use to it, and no mistake.
      HURRICANE_COMMAND: "true",
    };
    await using hurricane = await serve(saying("hello"), {
      args: ["--host=0.0.0.0", `--probe-port=${env["HURRICANE_PROBE_PORT"]}`],
      env,
    });
    assertEquals((await hurricane.probe("/up")).status, 200);

    const found = await probe(["readiness"], env);
    assertEquals([found.code, found.err], [0, ""]);
    assertStringIncludes(found.out, "ready");

    // The port after the handler's is the probes', unless told otherwise.
    const port = String(Number(env["HURRICANE_PROBE_PORT"]) - 1);
    for (const variable of ["PORT", "HURRICANE_PORT"]) {
      const variables = { [variable]: port, HURRICANE_READINESS_PROBE: "/up" };
      const next = await probe(["readiness"], variables);
      assertEquals([next.code, next.err], [0, ""]);
    }
    const flags = ["--port", port, "--readiness-probe", "/up"];
    const overruled = { ...env, HURRICANE_PROBE_PORT: "", HURRICANE_READINESS_PROBE: "/ready" };
    assertEquals((await probe(["readiness", ...flags], overruled)).code, 0);

    // A path that no probe has.
    const other = await probe(["readiness", "--readiness-probe", "/else"], env);
    assertEquals(other.code, 1);
  });

  test("exits 1 and says where it looked where nobody listens", async () => {
    const port = String(await freePort());
    const { code, out, err } = await probe(["liveness", "--probe-port", port]);
    assertEquals([code, out], [1, ""]);
    assertEquals(err.split("\n").length, 1, err);
    assertStringIncludes(err, `http://127.0.0.1:${port}/alive`);
    assertStringIncludes(err, "--probe-port");
  });

  /** What listens there need not be a Hurricane, nor mean well. */
  const strangers: Record<string, { answer: (response: ServerResponse) => void; says: string }> = {
    "never answers": { answer: () => {}, says: "after 500ms" },
    "never comes to an end": {
      answer: (response) => {
        response.write("ready");
        const timer = setInterval(() => response.write("."), 20);
        response.once("close", () => clearInterval(timer));
      },
      says: "after 500ms",
    },
    "says too much": {
      answer: (response) => response.end("a".repeat(64 * 1024 + 1)),
      says: "longer than 65536 bytes",
    },
  };
  for (const [what, { answer, says }] of Object.entries(strangers)) {
    test(`exits 1 and prints nothing of one that ${what}`, async () => {
      const server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        // A machine that is busy may take 500 ms to answer at all: of what is too long, wait longer.
        const timeout = says.startsWith("after") ? "500ms" : "1m";
        const args = ["readiness", "--probe-port", String(port), "--timeout", timeout];
        const { code, out, err } = await probe(args);
        assertEquals([code, out, err.split("\n").length], [1, "", 1], err);
        for (const part of [`http://127.0.0.1:${port}/ready`, says]) {
          assertStringIncludes(err, part);
        }
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  }

  test("prints an answer as long as it may be", async () => {
    const text = "a".repeat(64 * 1024);
    const server = createServer((_, response) => response.end(text)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const { code, out } = await probe(["liveness", "--probe-port", String(port)]);
      assertEquals([code, out], [0, text]);
    } finally {
      server.close();
    }
  });

  test("asks no other machine than it is told: IPv6 too", async () => {
    await using hurricane = await serve(saying("hello"), { args: ["--host=::1"] });
    const args = ["startup", "--host", "::1", "--probe-port", portOf(hurricane.probeUrl("/"))];
    const { code, err } = await probe(args);
    assertEquals([code, err], [0, ""]);
  });

  const wrong: Record<string, string[]> = {
    "": ["startup, readiness and liveness"],
    "health": ["startup, readiness and liveness", "health"],
    "readiness liveness": ["startup, readiness and liveness"],
    "readiness --probe-prot 1": ["--probe-prot", "--probe-port"],
    "readiness --probe-port x": ["--probe-port", "x"],
    "readiness --command true": ["--command"],
  };
  for (const [args, fragments] of Object.entries(wrong)) {
    test(`probe ${args}: exit 2 and one line that helps`, async () => {
      const { code, out, err } = await probe(args.split(" ").filter((word) => word !== ""));
      assertEquals([code, out, err.split("\n").length], [2, "", 1], err);
      for (const fragment of fragments) assertStringIncludes(err, fragment);
    });
  }

  test("--help says what it takes", async () => {
    const { code, out } = await probe(["--help"]);
    assertEquals(code, 0);
    for (const part of ["<startup|readiness|liveness>", "--probe-port", "HURRICANE_"]) {
      assertStringIncludes(out, part);
    }
    assert(!out.includes("--webhook-url"), out);
  });
});
