/** What the four images serve. */
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.text("hello from the image\n"));
export default app;
