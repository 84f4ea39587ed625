export default defineEventHandler((event) => {
  setCookie(event, "one", "1", { httpOnly: true });
  setCookie(event, "two", "2");
  return sendRedirect(event, "/", 303);
});
