import { createFileRoute } from "@tanstack/react-router";
import { step } from "../../steps.js";

export const Route = createFileRoute("/api/slow")({
  server: {
    handlers: {
      async GET() {
        await step("/api/slow");
        return new Response("slow");
      },
    },
  },
});
