import { defineHandler, html } from "nitro/h3";

export default defineHandler(({ url }) =>
  html`<h1>Hello, ${url.searchParams.get("name") ?? "you"}</h1>`
);
