/** A list of things to do. */
import { Hono } from "hono";
import { database } from "./database.ts";

const app = new Hono();
app.get("/", (c) => c.json(database.prepare("select * from todos order by id").all()));
app.post("/:title", (c) => {
  database.prepare("insert into todos (title) values (?)").run(c.req.param("title"));
  return c.text("added\n", 201);
});
export default app;

export const checks = {
  readiness: {
    // What it returns is in the probe's answer; where there is no such table, it throws.
    database: () => ({ ...database.prepare("select count(*) as todos from todos").get() }),
  },
};

/** After the last request: what is in the write-ahead log goes into the file. */
export function onShutdown(): void {
  database.close();
  console.log("the database is closed");
}
