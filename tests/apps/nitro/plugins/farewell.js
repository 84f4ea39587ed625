import { definePlugin } from "nitro";

export default definePlugin(({ hooks }) => {
  hooks.hook("close", () => console.log("Goodbye"));
});
