import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/api/upload")({
  server: {
    handlers: {
      async POST({ request }) {
        let length = 0;
        for await (const chunk of request.body) length += chunk.length;
        return Response.json({ length });
      },
    },
  },
});
