import { after, describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Browser, browserMissing, type Tab } from "../support/browser.ts";
import { freePort } from "../support/free_port.ts";
import { form, type Hurricane, launch, runtime, serve } from "../support/hurricane.ts";
import { messageHandler } from "../support/message_handler.ts";
import { RabbitMq, rabbitmqMissing } from "../support/rabbitmq.ts";
import { Receiver } from "../support/receiver.ts";
import { eventually } from "../support/wait.ts";

const missing = browserMissing();
if (missing !== undefined) console.log(missing);
if (rabbitmqMissing !== undefined) console.log(`${rabbitmqMissing} (status_page_test.ts)`);

/** What its checks say changes with a request; `/boom` fails. */
const handler = `
  let database = "connection refused <script>";
  export default {
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/mend") database = "";
      if (pathname === "/boom") throw new Error("a <b>bad</b> request");
      if (pathname === "/crash") process.exit(3);
      return new Response("hello");
    },
  };
  export const checks = {
    readiness: { database() { if (database !== "") throw new Error(database); } },
  };
`;

/** Waits until a section of the page says something. */
async function says({ page }: Tab, section: string, what: RegExp): Promise<string> {
  let text = "";
  try {
    return await eventually(`${section} to say ${what}`, async () => {
      text = await page.textContent(`#${section}`) ?? "";
      return what.test(text) && text;
    });
  } catch (error) {
    throw new Error(`${section} said: ${text}`, { cause: error });
  }
}

/** The first events of the page's stream. */
async function events(hurricane: Hurricane, count: number): Promise<Record<string, string>[]> {
  const response = await fetch(hurricane.probeUrl("/status/events"));
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split("\n\n").length > count) break;
  }
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data));
}

describe(`the status page in a browser (${form})`, { skip: missing ?? false }, () => {
  const browser = new Browser();
  after(() => browser[Symbol.asyncDispose]());

  test("shows what happens when it happens", async () => {
    await using receiver = await Receiver.open();
    await using hurricane = await serve(handler, {
      args: [
        ...["--watch", "--log-level=debug", "--command", "sh -c 'echo 3 tables'"],
        ...["--webhook-url", receiver.url("/hook?token=s3cret")],
      ],
    });
    await using tab = await browser.open();
    const { page } = tab;
    await page.goto(hurricane.probeUrl("/"));

    await says(tab, "connection", /^Live\.$/);
    await says(tab, "state", /serving since/);
    assertMatch(await page.title(), /^serving – /);
    await says(tab, "probes", /500 at.*database failed: Error: connection refused <script>/s);
    await says(tab, "commands", /sh succeeded in .*3 tables/s);
    await says(tab, "webhooks", /\/hook.*1000/s);
    assertFalse(
      (await page.evaluate<string>("document.documentElement.outerHTML")).includes("s3cret"),
    );

    const label = `document.querySelector("#load svg").getAttribute("aria-label")`;
    assertMatch(await page.evaluate<string>(label), /answered (–|0\/s)/);

    // A kubelet comes, once; then the check is mended, which nobody but the page finds out.
    await hurricane.probe("/ready");
    await says(tab, "probes", /500 at [^,]*database failed/);
    await hurricane.get("/mend");

    // Load comes, and requests that fail.
    const loaded = eventually("a rate", async () => {
      await Promise.all([hurricane.get("/"), hurricane.get("/boom")]);
      return /answered [^0–].*with 500 and above [^0–].*at most/.test(await page.evaluate(label));
    });
    await loaded;
    await says(tab, "log", /error handler GET \/boom failed: Error: a <b>bad<\/b> request/);
    await says(tab, "load", /50 % [\d.]+ (ms|µs)/);

    // Code is edited: until it can be served, what was there serves on.
    writeFileSync(join(hurricane.dir, "handler.ts"), "export default () => { ");
    await says(tab, "reloads", /handler\.ts: not served/);
    await says(tab, "probes", /200 at [^,]*, asked by this page.*ready, request queue length/s);
    writeFileSync(join(hurricane.dir, "handler.ts"), `export default () => new Response("new")`);
    await says(tab, "reloads", /handler\.ts: served after/);
    await says(tab, "workers", /Restarts: edit 1/);
    assertEquals(tab.complaints, []);
    const foreign = tab.asked.filter((url) => !url.startsWith(hurricane.probeUrl("/")));
    assertEquals(foreign, []);

    // The end of it.
    await hurricane.stop();
    await says(tab, "state", /stopped since/);
    await says(tab, "connection", /^No connection since .* What is below is from then\.$/);
  });

  test("shows queues, what becomes of their messages, and why none are taken", {
    skip: rabbitmqMissing ?? false,
  }, async () => {
    await using broker = await RabbitMq.start();
    const queue = await broker.queue();
    await using hurricane = await serve(messageHandler, {
      args: ["--status-page", `--amqp-queue=${queue.name}=/work`, "--amqp-prefetch=1"],
      env: { HURRICANE_AMQP_URL: broker.url },
    });
    await using tab = await browser.open({ width: 360, height: 740 });
    const { page } = tab;
    await page.goto(hurricane.probeUrl("/"));
    await says(tab, "messages", /taken from amqp:\/\/\*\*\*@127\.0\.0\.1/);
    const cells = `[...document.querySelectorAll("#messages tbody tr > *")]
      .map((cell) => cell.textContent).join(" ")`;
    const shows = (what: RegExp) =>
      eventually(`the row ${what}`, async () => what.test(await page.evaluate<string>(cells)));
    // Two readings make a rate.
    await shows(/ 0 0 0 0 0 0 0$/);
    await queue.publish(["hello", "once 503", "status 422", "hold", "later"]);
    // Name, path, waiting, in the handler, a second; acknowledged, retried, rejected, returned.
    await shows(/^jobs-\S+ \/work [12] 1 [\d.]*[1-9]\S* 1 1 1 0$/);
    writeFileSync(join(hurricane.dir, "release"), "");
    await shows(/^jobs-\S+ \/work 0 0 \S+ 4 1 1 0$/);
    assertEquals(await tab.inaccessible(), []);
    assertEquals(tab.complaints, []);
    await broker.down();
    await says(tab, "messages", /not taken from .*(ECONNREFUSED|is gone)/);
    assertFalse(
      (await page.evaluate<string>("document.documentElement.outerHTML")).includes("guest"),
    );
    assertEquals(await hurricane.stop(), 0);
  });

  test("can be read by everybody, in light and dark, on a phone", async () => {
    await using hurricane = await serve(handler, {
      args: ["--watch", "--webhook-url=http://a.invalid"],
    });
    await using tab = await browser.open({ width: 360, height: 740 });
    const { page } = tab;
    await page.goto(hurricane.probeUrl("/"));
    await says(tab, "connection", /^Live\.$/);
    await hurricane.get("/boom");
    await says(tab, "log", /boom/);
    await says(tab, "probes", /database failed/);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      assertEquals(await tab.inaccessible(), [], colorScheme);
    }
    const wide = "document.documentElement.scrollWidth - innerWidth";
    assert(await page.evaluate<number>(wide) <= 0, "no scrolling sideways");
    // What can be scrolled can be reached and scrolled without a mouse.
    const focused = `document.activeElement.closest("section")?.id ?? ""`;
    const reached: string[] = [];
    for (let pressed = 0; pressed < 4; pressed++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(focused));
    }
    assertEquals(reached, ["workers", "messages", "webhooks", "log"]);
    // What is new does not take that away.
    await hurricane.get("/boom");
    await says(tab, "log", /boom.*boom/s);
    assertEquals(await page.evaluate(focused), "log");
  });

  test("shows crashes with what they came from, and a service that is given up", async () => {
    await using hurricane = await serve(handler, {
      args: ["--status-page", "--max-restarts=1", "--workers=2"],
    });
    await using tab = await browser.open();
    await tab.page.goto(hurricane.probeUrl("/status"));
    await says(tab, "workers", /serving.*serving/s);
    await hurricane.get("/crash").catch(() => {});
    await says(tab, "workers", /Restarts: crash 1.*exited with code 3/s);
    // It is over by now.
    await says(tab, "state", /serving since [^s]*on http/);
    const crash = eventually("the end", async () => {
      await hurricane.get("/crash").catch(() => {});
      return hurricane.log.items.some(({ message }) => message.startsWith("gave up"));
    });
    await crash;
    await says(tab, "state", /failed since .*gave up after 1 restart .*exited with code 3/);
    assertEquals((await hurricane.exited).code, 1);
  });

  test("is at /status on a shared port", async () => {
    const port = String(await freePort());
    await using hurricane = await serve(handler, {
      args: ["--status-page", `--port=${port}`, `--probe-port=${port}`],
    });
    assertEquals((await hurricane.get("/")).text, "hello");
    await using tab = await browser.open();
    await tab.page.goto(hurricane.url("/status/"));
    await says(tab, "connection", /^Live\.$/);
    await hurricane.get("/boom");
    await says(tab, "log", /GET \/boom failed/);
    await says(tab, "probes", /database failed/);
    assertEquals(tab.complaints, []);
  });
});

describe(`the status page (${form})`, () => {
  test("is off in production, and where it is switched off", async () => {
    for (const args of [[], ["--watch", "--no-status-page"]]) {
      await using hurricane = await serve(handler, { args });
      for (const path of ["/", "/status", "/status/events"]) {
        assertEquals((await hurricane.probe(path)).status, 404);
      }
    }
  });

  test("lets nothing run but its own script, and nobody frame it", async () => {
    await using hurricane = await serve(handler, { args: ["--status-page"] });
    for (const path of ["/", "/status", "/status/script.js", "/status/style.css"]) {
      const { status, headers } = await fetch(hurricane.probeUrl(path));
      assertEquals(status, 200);
      const policy = headers.get("content-security-policy") ?? "";
      assertStringIncludes(policy, "default-src 'none'; script-src 'self'");
      assertStringIncludes(policy, "frame-ancestors 'none'");
      assertFalse(policy.includes("unsafe"));
      assertEquals(headers.get("x-content-type-options"), "nosniff");
    }
  });

  test("is there from the first command on", async () => {
    await using hurricane = launch(handler, {
      args: [
        "--status-page",
        "--command",
        "sh -c 'echo begun; until test -e go; do sleep 0.1; done'",
      ],
    });
    await hurricane.probing();
    const starting = await eventually("the command's output", async () => {
      const { text } = await hurricane.probe("/");
      return /<pre>begun<\/pre>/.test(text) && text;
    });
    assertMatch(starting, /starting<\/strong>.*running command 1 of 1: sh.*running<\/strong> for/s);
    writeFileSync(join(hurricane.dir, "go"), "");
    await hurricane.serving();
    assertStringIncludes((await hurricane.probe("/")).text, "serving</strong>");
  });

  test("has the minutes before it was looked at", async () => {
    // The supervisor is there for three seconds before it serves.
    await using hurricane = await serve(handler, { args: ["--status-page", "--command=sleep 3"] });
    const { text } = await hurricane.probe("/");
    assertMatch(text, /class="line0" d="M\d+ 100/);
  });

  test("open in a hundred places leaves the probes' port to probes, and ends with the service", async () => {
    await using hurricane = await serve(handler, { args: ["--status-page"] });
    const open = async () => await fetch(hurricane.probeUrl("/status/events"));
    const pages = await Promise.all(Array.from({ length: 100 }, open));
    assertEquals(new Set(pages.map(({ status }) => status)), new Set([200]));
    const refused = await open();
    assertEquals(refused.status, 503);
    assertMatch(await refused.text(), /^100 pages are open already/);
    assertEquals((await hurricane.probe("/alive")).status, 200);
    const texts = pages.map((page) => page.text());
    for (const text of texts) text.catch(() => {});
    assertEquals(await hurricane.stop(), 0);
    for (const text of await Promise.all(texts)) {
      const last = text.trimEnd().split("\n\n").at(-1) ?? "";
      assertMatch(last, /"title":"stopped – /);
    }
  });

  test("forgets who has gone", async () => {
    await using hurricane = await serve(handler, { args: ["--status-page", "--log-level=debug"] });
    const fill = async (): Promise<boolean> => {
      const pages = await Promise.all(
        Array.from({ length: 100 }, () => fetch(hurricane.probeUrl("/status/events"))),
      );
      await Promise.all(pages.map((page) => page.body?.cancel()));
      return pages.every(({ status }) => status === 200);
    };
    assert(await fill());
    await eventually("room for a hundred others", fill);
    // It was seen that they left, not only that they did not read.
    const sentAway = ({ message }: { message: string }) => /does not read/.test(message);
    assertEquals(hurricane.log.items.filter(sentAway), []);
  });

  test("shows a server of the handler's own, and what its process logs", async () => {
    const opens = runtime === "deno"
      ? `Deno.serve({ port: 3456 }, () => new Response("x"))`
      : `Bun.serve({ port: 3456, fetch: () => new Response("x") })`;
    await using hurricane = await serve(opens, { args: ["--status-page"] });
    const [first] = await events(hurricane, 1);
    assertMatch(first?.["servers"] ?? "", /(Bun|Deno)\.serve on port 3456 is adopted/);
    assertMatch(first?.["log"] ?? "", /is adopted; port 3456/);
  });
});
