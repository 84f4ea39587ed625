import { defineConfig } from "nitro";

export default defineConfig({
  serverDir: "./",
  // Its WebSockets on node:http refuse to run on anything but Node.
  features: { websocket: process.env.NITRO_PRESET !== "node-server" },
  compatibilityDate: "2026-01-01",
  output: { dir: `built/${process.env.NITRO_PRESET}` },
});
