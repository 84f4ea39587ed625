export default defineNitroPlugin(({ hooks }) => {
  hooks.hook("close", () => console.log("Goodbye"));
});
