import { step } from "../../../steps.js";

export const dynamic = "force-dynamic";

export async function GET() {
  await step("/api/slow");
  return new Response("slow");
}
