import { testApp } from "../support/apps/conformance.ts";

const styles = "/styles/site.css";

testApp({
  name: "express-views",
  packages: {
    "cookie-parser": "1.4.7",
    "ejs": "7.0.2",
    "express": "5.3.0",
    "http-errors": "2.0.1",
    "pug": "3.0.4",
  },
  manifest: { type: "commonjs" },
  entry: "bin/www",
  executable: { args: ["--asset", "views", "--asset", "public"] },
  runtimes: { bun: true, deno: true },
  requests: [
    { path: "/?name=Ada", status: 200, has: "<title>Views</title>" },
    { path: "/pug?name=Ada", status: 200, has: "<p>Hello, Ada</p>" },
    { path: "/cookies", headers: { Cookie: "a=1" }, status: 200, has: '{"a":"1"}' },
    { path: "/terms", status: 200, has: "Terms" },
    { path: "/about.html", status: 200, has: "About" },
    { path: styles, status: 200, has: ".box-2999" },
    { method: "HEAD", path: styles, status: 200 },
    { path: styles, headers: { Range: "bytes=1000-80000" }, status: 206 },
    { path: "/stream", status: 200, has: ".box-2999" },
    { path: "/styles", status: 301 },
    { path: "/nowhere", status: 404, has: "<h1>Not Found</h1>" },
  ],
  slow: "/slow",
});
