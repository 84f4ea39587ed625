import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificate } from "../support/certificate.ts";
import { obliging, saying } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { Http2Connection } from "../support/http2.ts";
import { form, type Hurricane, launch, runtime, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

const authority = certificate({ name: "authority", authority: true });
const server = certificate({ issuer: authority });
const ca = authority.cert;
const files = { "tls/tls.crt": server.cert + authority.cert, "tls/tls.key": server.key };
const tls = ["--tls-cert", "tls/tls.crt", "--tls-key", "tls/tls.key"];

/** A handler that goes to another directory, as some do. */
const wandering = `import process from "node:process"; process.chdir("/");\n${saying("hello")}`;

describe(`TLS (${form})`, () => {
  test("is for the handler, and the probes stay plain", async () => {
    const args = [...tls, "--access-log", "--max-body-size", "10"];
    await using hurricane = await serve(obliging, { files, args });
    assertMatch(hurricane.url(), /^https:\/\/127\.0\.0\.1:\d+\/$/);
    assertEquals((await hurricane.get("/", { ca })).text, "hello");
    await assertRejects(() => hurricane.get("/", { ca: certificate().cert }));
    const body = "x".repeat(11);
    assertEquals((await hurricane.get("/", { ca, method: "POST", body })).status, 413);
    assertEquals((await hurricane.get("/throw", { ca })).status, 500);
    assertEquals((await hurricane.probe("/ready")).status, 200);
    const { text } = await hurricane.probe("/metrics");
    assertMatch(text, /^http_server_request_duration_seconds_count\{.*code="200"\} 1$/m);
    const { client } = await hurricane.logged(/^GET \/ 200$/);
    assertMatch(String(client), /127\.0\.0\.1$/);
    assertEquals(await hurricane.stop(), 0);
  });

  test("carries WebSockets, which a shutdown closes", async () => {
    const source = runtime === "bun"
      ? `export default {
          fetch: (request, server) => server.upgrade(request) ? undefined : new Response("plain"),
          websocket: { message: (socket, message) => { socket.send("echo " + message); } },
        };`
      : `export default {
          fetch(request) {
            const { socket, response } = Deno.upgradeWebSocket(request);
            socket.onmessage = ({ data }) => socket.send("echo " + data);
            return response;
          },
        };`;
    await using hurricane = await serve(source, { name: "handler.js", files, args: tls });
    // Bun's way to say whom to trust.
    const trusting = { tls: { ca } } as unknown as string[];
    const socket = new WebSocket(hurricane.url().replace("http", "ws"), trusting);
    const echo = new Promise((resolve, reject) => {
      socket.onopen = () => socket.send("hi");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = () => reject(new Error("the WebSocket failed"));
    });
    assertEquals(await echo, "echo hi");
    const closed = new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code));
    assertEquals(await hurricane.stop(), 0);
    assertEquals(await closed, 1001);
  });

  test("finds its files where the handler was started, wherever that goes", async () => {
    await using hurricane = await serve(wandering, { files, args: tls });
    assertEquals((await hurricane.get("/", { ca })).text, "hello");
  });

  test("lets requests in flight finish, and asks clients to leave", async () => {
    const args = [...tls, "--shutdown-delay", "2s"];
    await using hurricane = await serve(obliging, { files, args });
    const client = await Connection.open(hurricane.url(), ca);
    assertEquals((await client.get("/")).headers.connection, undefined);
    const unused = await Connection.open(hurricane.url(), ca);
    const held = hurricane.get("/held", { ca });
    await hurricane.printed("holding");
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    await eventually("a response that asks to close", async () => {
      const { status, headers } = await client.get("/");
      assertEquals(status, 200);
      return headers.connection?.toLowerCase() === "close";
    });
    client.close();
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
    await unused.closed;
  });

  test("lets requests in flight over HTTP/2 finish", {
    skip: runtime !== "deno" && "Bun speaks HTTP/1.1",
  }, async () => {
    await using hurricane = await serve(obliging, { files, args: tls });
    using client = new Http2Connection(hurricane.url(), ca);
    assertEquals((await client.get("/")).text, "hello");
    const held = client.get("/held");
    await hurricane.printed("holding");
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    assertEquals((await client.get("/")).text, "hello");
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    await client.left;
    assertEquals((await hurricane.exited).code, 0);
  });

  test("begins anew with renewed files where the handler's process does", async () => {
    await using hurricane = await serve(obliging, { files, args: tls });
    const renewed = certificate();
    const replace = (name: string, text: string): void => {
      writeFileSync(join(hurricane.dir, "new"), text);
      renameSync(join(hurricane.dir, "new"), join(hurricane.dir, "tls", name));
    };
    replace("tls.crt", renewed.cert);
    replace("tls.key", renewed.key);
    assertEquals((await hurricane.get("/", { ca })).text, "hello");
    await hurricane.get("/exit", { ca }).catch(() => {});
    await hurricane.logged(/is up again/);
    assertEquals((await hurricane.get("/", { ca: renewed.cert })).text, "hello");
    await assertRejects(() => hurricane.get("/", { ca }));
  });

  test("goes before a tls of the handler's own, and the log says so", async () => {
    await using hurricane = await serve(
      `export default { tls: { cert: "secret", key: "secret" }, fetch: () => new Response("here") };`,
      { files, args: tls },
    );
    assertEquals((await hurricane.get("/", { ca })).text, "here");
    await hurricane.logged(/^the handler's tls gives way to --tls-cert$/);
    assertFalse(hurricane.stderr.items.join("\n").includes("secret"));
  });

  const clients = certificate({ name: "clients", authority: true });
  const client = certificate({ name: "client", issuer: clients });
  const asking = [...tls, "--tls-client-ca", "clients.crt"];

  test("--tls-client-ca: only who has a certificate of the authority gets in", {
    skip: runtime === "deno" && "Deno's server cannot ask for certificates",
  }, async () => {
    await using hurricane = await serve(obliging, {
      files: { ...files, "clients.crt": clients.cert },
      args: asking,
    });
    assertEquals((await hurricane.get("/", { ca, client })).text, "hello");
    await assertRejects(() => hurricane.get("/", { ca }));
    await assertRejects(() => hurricane.get("/", { ca, client: certificate({ name: "other" }) }));
    assertEquals((await hurricane.probe("/ready")).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("--tls-client-ca is an error of use where the server cannot ask", {
    skip: runtime !== "deno" && "Bun's server can",
  }, async () => {
    await using hurricane = launch(obliging, {
      files: { ...files, "clients.crt": clients.cert },
      args: asking,
    });
    const { code, line } = await ended(hurricane);
    assertEquals(code, 2);
    assertMatch(line, /--tls-client-ca needs Bun or the executable/);
  });

  test("keeps whom a handler's own tls lets in", {
    skip: runtime === "deno" && "Deno's server cannot ask for certificates",
  }, async () => {
    const own = { ca: clients.cert, requestCert: true, rejectUnauthorized: true };
    const handler = (given: object) =>
      `export default { tls: ${JSON.stringify(given)}, fetch: () => new Response("in") };`;
    for (const given of [own, { ...own, cert: "old", key: "old" }]) {
      await using hurricane = await serve(handler(given), { files, args: tls });
      assertEquals((await hurricane.get("/", { ca, client })).text, "in");
      await assertRejects(() => hurricane.get("/", { ca }));
      const told = hurricane.log.items.some(({ message }) => message.includes("gives way"));
      assertEquals(told, "cert" in given);
    }
    await using hurricane = launch(handler([{ ...own, serverName: "a" }]), { files, args: tls });
    await hurricane.logged(/the handler's tls asks clients for certificates by the name/);
    assertEquals((await hurricane.exited).code, 1);
  });

  test("is served with a certificate that has expired, and a warning", async () => {
    const { cert, key } = certificate({ notBefore: new Date(0), notAfter: new Date(1000) });
    const expired = { "tls/tls.crt": cert, "tls/tls.key": key };
    await using hurricane = await serve(saying("hello"), { files: expired, args: tls });
    const { level, message } = await hurricane.logged(
      /--tls-cert .* expired on 1970-01-01T00:00:01/,
    );
    assertEquals(level, "warn");
    assertStringIncludes(message, join(hurricane.dir, "tls/tls.crt"));
    // Nobody trusts it any more.
    await assertRejects(() => hurricane.get("/", { ca: cert }));
    assertEquals((await hurricane.probe("/ready")).status, 200);
  });

  const { privateKey } = certificate().keys;
  const wrong: Record<
    string,
    { files?: Record<string, string>; args?: string[]; names: string[] }
  > = {
    "a certificate without a key": { args: tls.slice(0, 2), names: ["--tls-cert", "--tls-key"] },
    "a missing file": { args: [...tls.slice(0, 3), "nowhere"], names: ["--tls-key", "nowhere"] },
    "a file without a certificate": {
      files: { "tls/tls.crt": "hello" },
      names: ["--tls-cert", "tls/tls.crt", "BEGIN CERTIFICATE"],
    },
    "a key of another certificate": {
      files: { "tls/tls.key": certificate().key },
      names: ["--tls-key", "tls/tls.key", "does not belong", "tls/tls.crt"],
    },
    "an encrypted key": {
      files: {
        "tls/tls.key": String(privateKey.export({
          type: "pkcs8",
          format: "pem",
          cipher: "aes-256-cbc",
          passphrase: "x",
        })),
      },
      names: ["--tls-key", "tls/tls.key", "is encrypted", "decrypt it"],
    },
    "probes on the handler's port": {
      args: [...tls, "--port=4433", "--probe-port=4433"],
      names: ["--probe-port", "4433"],
    },
  };
  for (const [name, { files: others = {}, args = tls, names }] of Object.entries(wrong)) {
    test(`${name}: exit 2 and one line that helps, before anything starts`, async () => {
      await using hurricane = launch(saying("hello"), {
        files: { ...files, ...others },
        args: [...args, "--command", "touch ran"],
      });
      const { code, line } = await ended(hurricane);
      assertEquals(code, 2);
      for (const fragment of names) assertStringIncludes(line, fragment);
      assertFalse(existsSync(join(hurricane.dir, "ran")));
    });
  }
});

async function ended(hurricane: Hurricane): Promise<{ code: number | null; line: string }> {
  const { code } = await hurricane.exited;
  const [line, ...others] = hurricane.stderr.items;
  assert(line !== undefined && others.length === 0, JSON.stringify(hurricane.stderr.items));
  return { code, line };
}
