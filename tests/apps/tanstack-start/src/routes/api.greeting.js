import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/api/greeting")({
  server: {
    handlers: {
      GET({ request }) {
        const name = new URL(request.url).searchParams.get("name") ?? "you";
        return Response.json({ greeting: `Hello, ${name}` });
      },
      async POST({ request }) {
        const { name } = await request.json();
        return Response.json({ greeting: `Hello, ${name}` }, { status: 201 });
      },
    },
  },
});
