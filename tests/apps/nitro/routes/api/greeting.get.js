import { defineHandler } from "nitro";

export default defineHandler(({ url }) => ({
  greeting: `Hello, ${url.searchParams.get("name") ?? "you"}`,
}));
