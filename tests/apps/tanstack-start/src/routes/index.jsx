import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/")({
  validateSearch: ({ name = "you" }) => ({ name }),
  component: function Page() {
    const { name } = Route.useSearch();
    return <h1>Hello, {name}</h1>;
  },
});
