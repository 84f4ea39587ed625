export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  nitro: { output: { dir: `built/${process.env.NITRO_PRESET}` } },
});
