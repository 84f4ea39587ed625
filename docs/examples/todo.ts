/**
 * A Hono app with what Hurricane takes from a handler's module.
 *
 *     hurricane serve docs/examples/todo.ts --command docs/examples/migrate.ts
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";

/** Stands for a database. `migrate.ts` creates it. */
const database = join(tmpdir(), "hurricane-todo.json");

const app = new Hono();
app.get("/", (c) => c.json(JSON.parse(readFileSync(database, "utf8"))));
app.post("/:title", (c) => {
  const todos: string[] = JSON.parse(readFileSync(database, "utf8"));
  writeFileSync(database, JSON.stringify([...todos, c.req.param("title")]));
  return c.text("added\n", 201);
});
app.get("/block/:seconds", (c) => {
  const end = Date.now() + 1000 * Number(c.req.param("seconds"));
  while (Date.now() < end);
  return c.text("the event loop turns again\n");
});

export default app;

export const checks = {
  readiness: {
    database() {
      if (!existsSync(database)) throw new Error(`there is no ${database}`);
    },
  },
};

export function onShutdown(): void {
  console.log("the last request has been answered");
}
