import { step } from "../../../../steps.js";

export async function GET() {
  await step("/api/slow");
  return new Response("slow");
}
