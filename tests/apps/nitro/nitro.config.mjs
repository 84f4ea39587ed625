import { defineConfig } from "nitro";

export default defineConfig({
  serverDir: "./",
  compatibilityDate: "2026-01-01",
  output: { dir: `built/${process.env.NITRO_PRESET}` },
});
