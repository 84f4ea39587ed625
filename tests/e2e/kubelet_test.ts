import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { type Answer, request } from "../support/http.ts";
import { form } from "../support/hurricane.ts";
import { clientCount, Clients, type Kind } from "../support/kubernetes/clients.ts";
import { Cluster } from "../support/kubernetes/cluster.ts";
import type { Pod } from "../support/kubernetes/pod.ts";
import { eventually } from "../support/wait.ts";

/** Does what its path says. */
const handler = (version = "1") => `
import { existsSync } from "node:fs";
import process from "node:process";

const failing = new Set();
const check = (name) => () => {
  if (failing.has(name)) throw new Error("switched off");
};
export const checks = {
  readiness: { switch: check("readiness") },
  liveness: { switch: check("liveness") },
};
const released = () => existsSync("released");
const paths = {
  // Takes its time, so that some are always in it.
  "/": async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response("${version}");
  },
  "/read": async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  "/unread": () => new Response("not read"),
  "/block": () => {
    console.log("blocking");
    while (!released()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    return new Response("blocked");
  },
  "/hold": async () => {
    console.log("holding");
    while (!released()) await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response("held");
  },
  "/crash": () => process.exit(1),
  "/fail/readiness": () => new Response(String(failing.add("readiness").size)),
  "/fail/liveness": () => new Response(String(failing.add("liveness").size)),
  "/recover": () => new Response(String(failing.clear())),
};
export default { fetch: (request) => paths[new URL(request.url).pathname](request) };
`;

/** Clients ask from before to after what is done, and then as many again. */
async function during(
  cluster: Cluster,
  what: string,
  done: (clients: Clients) => Promise<void>,
): Promise<Clients> {
  await using clients = new Clients(cluster.service);
  await clients.more(5);
  await done(clients);
  await clients.more(5);
  await clients.stop();
  console.log(`${what} (${form}): ${clients.text}`);
  return clients;
}

function assertUnharmed(clients: Clients): void {
  assertEquals(clients.failures(), {}, clients.text);
}

/** What a pod says to anybody who asks it alone. */
const tell = (pod: Pod, path: string): Promise<unknown> => request(pod.url(path));

/** Whoever keeps a connection, and is not told to leave it, does not notice that there is no endpoint. */
const staying: Kind[] = ["GET, kept", "POST read, kept"];

const clean = { code: 0, signal: null };

describe(`in Kubernetes (${form})`, () => {
  test("a rollout fails no request", async () => {
    await using cluster = await Cluster.start(handler("1"));
    const old = [...cluster.pods];
    const clients = await during(cluster, "rollout", () => cluster.rollOut(handler("2")));
    assertUnharmed(clients);
    assertEquals(await Promise.all(old.map(({ gone }) => gone)), old.map(() => clean));
    for (const pod of cluster.pods) assertEquals((await request(pod.url())).text, "2");
  });

  test("the deletion of a pod fails no request, not those that it has", async () => {
    await using cluster = await Cluster.start(handler());
    const [pod] = cluster.pods as [Pod];
    const clients = await during(cluster, "deletion", async () => {
      const held = request(pod.url("/hold"));
      await pod.container.printed("holding");
      const deleted = cluster.delete(pod);
      await cluster.service.knows(pod, false);
      release(pod);
      assertEquals((await held).text, "held");
      await deleted;
    });
    assertUnharmed(clients);
    assertEquals(await pod.gone, clean);
  });

  test("a rollout of what crashes at once changes nothing", async () => {
    await using cluster = await Cluster.start(handler());
    const clients = await during(cluster, "crash loop", async () => {
      const created = cluster.beginRollOut(`throw new Error("broken");`);
      await eventually("three starts", () => created.containers.length === 3);
      await created.container.exited;
      assertEquals(await Promise.all(created.containers.map(({ exited }) => exited)), [
        ...Array.from({ length: 3 }, () => ({ code: 1, signal: null })),
      ]);
      await cluster.service.knows(created, false);
    });
    assertUnharmed(clients);
  });

  test("a pod whose check says no gets nothing; where all say no, only who is in is served", async () => {
    await using cluster = await Cluster.start(handler());
    const [pod] = cluster.pods as [Pod];
    const one = await during(cluster, "unready", async (clients) => {
      await tell(pod, "/fail/readiness");
      await cluster.service.knows(pod, false);
      await clients.more(5);
      await tell(pod, "/recover");
      await cluster.service.knows(pod, true);
    });
    assertUnharmed(one);
    assertEquals([pod.containers.length, pod.killed], [1, []]);

    const all = await during(cluster, "all unready", async (clients) => {
      for (const pod of cluster.pods) await tell(pod, "/fail/readiness");
      for (const pod of cluster.pods) await cluster.service.knows(pod, false);
      await clients.more(5, staying);
      for (const pod of cluster.pods) await tell(pod, "/recover");
      for (const pod of cluster.pods) await cluster.service.knows(pod, true);
    });
    assertEquals(all.failures(staying), {}, all.text);
    assertEquals(Object.keys(all.failures()), ["no endpoint"], all.text);
  });

  test("a pod whose liveness check says no is restarted, and fails no request", async () => {
    await using cluster = await Cluster.start(handler());
    const [pod] = cluster.pods as [Pod];
    const clients = await during(cluster, "not alive", async () => {
      await tell(pod, "/fail/liveness");
      await eventually("the second container", () => pod.containers.length === 2);
      await pod.container.serving();
      await cluster.service.knows(pod, true);
    });
    assertUnharmed(clients);
    assertEquals(pod.killed.length, 1);
  });

  test("a pod that blocks gets nothing more, and answers what it has when it goes on", async () => {
    await using cluster = await Cluster.start(handler(), ["--req-queue-len", "2"]);
    const [pod] = cluster.pods as [Pod];
    const clients = await during(cluster, "blocked", async () => {
      const blocked = request(pod.url("/block"));
      await pod.container.printed("blocking");
      await cluster.service.knows(pod, false);
      release(pod);
      assertEquals((await blocked).text, "blocked");
      await cluster.service.knows(pod, true);
    });
    assertUnharmed(clients);
    assertEquals([pod.containers.length, pod.killed], [1, []]);
  });

  test("of a pod that blocks for good, what it has fails, and no more once it goes on", async () => {
    const args = ["--req-queue-len", "2", "--stall-timeout", "3s"];
    await using cluster = await Cluster.start(handler(), args);
    const [pod] = cluster.pods as [Pod];
    const clients = await during(cluster, "blocked for good", async (clients) => {
      const blocked = request(pod.url("/block"));
      await pod.container.logged(/is up again/);
      await assertRejects(() => blocked);
      await cluster.service.knows(pod, true);
      await settled(clients);
    });
    assertLost(clients, { refused: true });
    // Hurricane replaces the process by itself, before the kubelet would.
    assertEquals([pod.containers.length, pod.killed], [1, []]);
  });

  for (const workers of [1, 2]) {
    test(`of a pod of ${workers} whose process crashes, what that has fails, and little else`, async () => {
      await using cluster = await Cluster.start(handler(), ["--workers", `${workers}`]);
      const [pod] = cluster.pods as [Pod];
      const clients = await during(cluster, `crash of 1 of ${workers}`, async (clients) => {
        await assertRejects(() => tell(pod, "/crash"));
        await pod.container.logged(/is up again/);
        await cluster.service.knows(pod, true);
        await settled(clients);
      });
      assertLost(clients, { refused: workers === 1 });
      assertEquals([pod.containers.length, pod.killed], [1, []]);
    });
  }

  test("where all pods have more than --req-queue-len, nobody else is let in", async () => {
    await using cluster = await Cluster.start(handler(), ["--req-queue-len", "20"]);
    const clients = await during(cluster, "overload", async (clients) => {
      const held = await overload(cluster, 21);
      for (const pod of cluster.pods) await cluster.service.knows(pod, false);
      await clients.more(5, staying);
      for (const pod of cluster.pods) release(pod);
      assertEquals(new Set((await Promise.all(held)).map(({ text }) => text)), new Set(["held"]));
      for (const pod of cluster.pods) await cluster.service.knows(pod, true);
    });
    assertEquals(clients.failures(staying), {}, clients.text);
    assertEquals(Object.keys(clients.failures()), ["no endpoint"], clients.text);
  });

  test("with --max-inflight below it, pods stay, and what is too much is 503", async () => {
    await using cluster = await Cluster.start(handler(), ["--max-inflight", "20"]);
    const clients = await during(cluster, "overload, shed", async (clients) => {
      const held = await overload(cluster, 20);
      await eventually(
        "503 for all",
        () => [...clients.tallies.values()].every(({ failed }) => failed >= 5),
      );
      assertEquals(cluster.service.known.length, cluster.pods.length);
      for (const pod of cluster.pods) release(pod);
      assertEquals(new Set((await Promise.all(held)).map(({ text }) => text)), new Set(["held"]));
    });
    assertEquals(Object.keys(clients.failures()), ["status 503"], clients.text);
  });
});

/** Each pod gets so many requests that merely wait. One that is refused is sent again. */
async function overload(cluster: Cluster, count: number): Promise<Promise<Answer>[]> {
  const held: Promise<Answer>[] = [];
  for (const pod of cluster.pods) {
    for (let there = 1; there <= count;) {
      const answer = request(pod.url("/hold"));
      const holding = pod.container.stdout.first(there).then(() => true);
      if (await Promise.race([holding, answer.then(() => false)])) {
        held.push(answer);
        there++;
      }
    }
  }
  return held;
}

/** What the pod holds or blocks with goes on. */
function release(pod: Pod): void {
  writeFileSync(join(pod.container.dir, "released"), "");
}

/** All is well again: what failed has been seen to fail, and from here on nothing does. */
async function settled(clients: Clients): Promise<void> {
  await clients.more(2);
  const failures = clients.failures();
  await clients.more(10);
  assertEquals(clients.failures(), failures, clients.text);
}

/** What was with a process that was lost has failed, and of the rest only what met the time without one. */
function assertLost(clients: Clients, { refused }: { refused: boolean }): void {
  const { lost = 0, ...others } = clients.failures();
  assertLessOrEqual(lost, clientCount, clients.text);
  const allowed = refused ? ["ECONNREFUSED"] : [];
  assertEquals(Object.keys(others).filter((how) => !allowed.includes(how)), [], clients.text);
}
