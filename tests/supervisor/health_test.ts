import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import type { CheckOutcome, Verdict } from "../../src/probes/probes.ts";
import { Health } from "../../src/supervisor/health.ts";
import { Webhooks } from "../../src/webhooks/webhooks.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { Receiver } from "../support/receiver.ts";

const serving = true;

/** What a receiver is sent by `use`: type, status and trace of each webhook. */
async function sent(use: (health: Health) => void): Promise<string[]> {
  await using receiver = await Receiver.open();
  const options = { webhookUrl: [receiver.url()], webhookTimeout: 30_000, webhookRetries: 0 };
  const webhooks = new Webhooks(options);
  use(new Health(webhooks));
  await webhooks.flush();
  return receiver.attempts.items.map(({ payload: { type, status, error_trace } }) =>
    [type, status, ...(error_trace === undefined ? [] : [error_trace])].join(" ")
  );
}

function verdict(type: Verdict["type"], status: Verdict["status"], message = "why"): Verdict {
  return { type, status, message };
}

test("Health knows what each check said last, in all workers", () => {
  const options = { webhookUrl: [], webhookTimeout: 1000, webhookRetries: 0 };
  const health = new Health(new Webhooks(options));
  const outcome = (name: string, status: CheckOutcome["status"]): CheckOutcome => ({
    ...{ name, status },
    duration_ms: 1,
  });
  const checks = [outcome("db", "failed"), outcome("bus", "succeeded"), outcome("db", "succeeded")];
  health.answered({ type: "readiness", status: 500, message: "", checks }, serving);
  const expected = [
    { probe: "readiness" as const, check: "db", healthy: false },
    { probe: "readiness" as const, check: "bus", healthy: true },
  ];
  assertEquals(health.checks, expected);
  // The queue was too long, and no check was made.
  health.answered({ type: "readiness", status: 400, message: "" }, serving);
  assertEquals(health.checks, expected);
  const many = Array.from({ length: 300 }, (_, number) => outcome(`check ${number}`, "succeeded"));
  health.answered({ type: "readiness", status: 200, message: "", checks: many }, serving);
  assertEquals(health.checks.length, 100);
});

describe("Health sends a webhook", () => {
  test("when the service has started or could not", async () => {
    assertEquals(await sent((health) => health.started()), ["startup succeeded"]);
    assertEquals(await sent((health) => health.startFailed("no db")), ["startup failed no db"]);
  });

  for (const type of ["readiness", "liveness"] as const) {
    test(`for the first answer about ${type}, then when it changes`, async () => {
      const statuses = [200, 200, 400, 500, 400, 200, 200, 500] as const;
      const webhooks = await sent((health) => {
        for (const status of statuses) health.answered(verdict(type, status), serving);
      });
      assertEquals(webhooks, [
        `${type} succeeded`,
        `${type} failed why`,
        `${type} succeeded`,
        `${type} failed why`,
      ]);
    });
  }

  test("for each type by itself", async () => {
    const webhooks = await sent((health) => {
      health.answered(verdict("readiness", 500), serving);
      health.answered(verdict("liveness", 200), serving);
      health.answered(verdict("readiness", 500), serving);
    });
    assertEquals(webhooks, ["readiness failed why", "liveness succeeded"]);
  });

  test("when the service is given up, also where liveness had failed before", async () => {
    assertEquals(
      await sent((health) => {
        health.answered(verdict("liveness", 200), serving);
        health.gaveUp("crashes");
        health.answered(verdict("liveness", 500), serving);
      }),
      ["liveness succeeded", "liveness failed crashes"],
    );
    assertEquals(
      await sent((health) => {
        health.answered(verdict("liveness", 500), serving);
        health.gaveUp("crashes");
      }),
      ["liveness failed why", "liveness failed crashes"],
    );
  });

  test("with the traces of the checks that failed", async () => {
    const check = { duration_ms: 1 };
    const checks: Verdict["checks"] = [
      { ...check, name: "a", status: "succeeded" },
      { ...check, name: "b", status: "failed", message: "Error: x", trace: "Error: x\n  at y" },
      { ...check, name: "c", status: "failed", message: "z" },
    ];
    assertEquals(
      await sent((health) =>
        health.answered({ ...verdict("readiness", 500, "b failed; c failed"), checks }, serving)
      ),
      ["readiness failed b failed; c failed\n\nb: Error: x\n  at y\n\nc: z"],
    );
  });
});

describe("Health sends nothing", () => {
  test("for what happens while not serving, and that changes no state", async () => {
    const webhooks = await sent((health) => {
      health.answered(verdict("readiness", 200), serving);
      health.answered(verdict("readiness", 400), !serving);
      health.answered(verdict("liveness", 500), !serving);
      health.answered(verdict("readiness", 200), serving);
    });
    assertEquals(webhooks, ["readiness succeeded"]);
  });

  test("for answers about the start", async () => {
    assertEquals(
      await sent((health) => health.answered(verdict("startup", 200), serving)),
      [],
    );
  });
});

describe("Health knows", () => {
  test("what each probe said last, also while not serving", () => {
    const health = new Health(
      new Webhooks({ webhookUrl: [], webhookTimeout: 1, webhookRetries: 0 }),
    );
    assertEquals(health.last, {});
    health.answered(verdict("readiness", 400), !serving);
    health.started();
    assertEquals(health.last, { readiness: false, startup: true });
    health.answered(verdict("readiness", 200), serving);
    health.answered(verdict("startup", 400), serving);
    assertEquals(health.last, { readiness: true, startup: false });
  });
});

describe("Health logs", () => {
  const told = (use: (health: Health) => void): string[] => {
    using log = new CapturedLog();
    use(new Health(new Webhooks({ webhookUrl: [], webhookTimeout: 1, webhookRetries: 0 })));
    return log.records.map(({ level, message }) => `${level} ${message.replace(/[\d.]+s$/, "Ns")}`);
  };

  for (const [type, state] of [["readiness", "ready"], ["liveness", "alive"]] as const) {
    test(`each change of ${type}, with the reason or how long it lasted`, () => {
      const lines = told((health) => {
        for (const status of [200, 200, 400, 500, 200, 200, 500] as const) {
          health.answered(verdict(type, status, `answer ${status}`), serving);
        }
      });
      assertEquals(lines, [
        `warn not ${state}: answer 400`,
        `info ${state} again after Ns`,
        `warn not ${state}: answer 500`,
      ]);
    });
  }

  test("nothing that is no change of a service that serves", () => {
    const lines = told((health) => {
      health.answered(verdict("readiness", 400, "starting"), !serving);
      health.answered(verdict("startup", 400, "starting"), !serving);
      health.answered(verdict("startup", 400, "starting"), serving);
      health.answered(verdict("readiness", 200), serving);
    });
    assertEquals(lines, []);
  });

  test("where a check failed, without Hurricane's part in it", () => {
    using log = new CapturedLog();
    const health = new Health(
      new Webhooks({ webhookUrl: [], webhookTimeout: 1, webhookRetries: 0 }),
    );
    const own = new URL("../../src/app/checks.ts", import.meta.url).pathname;
    const trace = `Error: refused\n    at query (/srv/db.ts:3:9)\n    at invoke (${own}:76:9)`;
    const failed = {
      name: "db",
      status: "failed",
      duration_ms: 1,
      message: "Error: refused",
      trace,
    };
    const answer = verdict("readiness", 500, "db failed: Error: refused");
    health.answered({ ...answer, checks: [failed as CheckOutcome] }, serving);
    const { message, properties } = log.records[0]!;
    assertEquals(message, "not ready: db failed: Error: refused");
    assertEquals(properties["stack"], "db: Error: refused\n    at query (/srv/db.ts:3:9)");
  });
});
