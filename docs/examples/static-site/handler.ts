/** What the page asks for; its files are served before it. */
import { Hono } from "hono";

const app = new Hono();
app.get("/api/greeting/:name", (c) => c.json({ greeting: `hello, ${c.req.param("name")}` }));
export default app;
