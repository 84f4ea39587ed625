/** Where everything of the status page is. Its root is at `/` as well, where the handler is elsewhere. */
export const statusPaths = {
  page: "/status",
  events: "/status/events",
  script: "/status/script.js",
  style: "/status/style.css",
  icon: "/status/icon.svg",
} as const;
