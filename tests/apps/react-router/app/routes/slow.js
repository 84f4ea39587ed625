import { step } from "../../steps.js";

export async function loader() {
  await step("/api/slow");
  return new Response("slow");
}
