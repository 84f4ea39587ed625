import { defineHandler } from "nitro";
import { step } from "../../steps.js";

export default defineHandler(async () => {
  await step("/api/slow");
  return "slow";
});
