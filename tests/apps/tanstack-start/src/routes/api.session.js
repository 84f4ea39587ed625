import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/api/session")({
  server: {
    handlers: {
      POST() {
        const headers = new Headers({ location: "/" });
        headers.append("set-cookie", "one=1; Path=/; HttpOnly");
        headers.append("set-cookie", "two=2; Path=/");
        return new Response(null, { status: 303, headers });
      },
    },
  },
});
