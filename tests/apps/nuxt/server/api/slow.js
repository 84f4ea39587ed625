import { step } from "../../steps.js";

export default defineEventHandler(async () => {
  await step("/api/slow");
  return "slow";
});
