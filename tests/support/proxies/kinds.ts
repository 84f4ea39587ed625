/**
 * The proxies of docs/guide/proxies that Debian has: how each is started, and how it checks a
 * configuration.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import type { Page, Ports } from "./page.ts";

/** What is known when a proxy is called. */
export interface Place {
  /** A folder of its own. */
  dir: string;
  page: Page;
  ports: Ports;
}

/** A program that passes requests on. */
export interface Kind {
  /** The name of its page. */
  name: string;
  program: string;
  /** Debian's package. */
  package: string;
  /** Says its version. */
  version: string[];
  /** What the page has where it listens, and what listens on the loopback interface alone. */
  listens?: [page: string, loopback: (port: number) => string];
  /** The file that the page's configuration is written to. */
  file: string;
  /** What a distribution has around that, by the file's name. */
  around?: (place: Place) => Record<string, string>;
  /** Arguments that run it in the foreground. */
  run: (place: Place) => string[];
  /** Arguments that check the configuration; without, it is checked by starting it. */
  check?: (place: Place) => string[];
}

/** Programs of an operator are not on every user's path. */
const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;

/** A proxy's environment. Caddy keeps files in a home. */
export function environment(dir: string): Record<string, string> {
  return { PATH: path, HOME: dir };
}

/** As Debian's nginx.conf includes a file of conf.d. */
function nginxAround({ dir }: Place): Record<string, string> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((what) => `  ${what}_temp_path ${dir}/${what};`).join("\n");
  return {
    "nginx.conf": `
user root;
pid ${dir}/pid;
error_log stderr;
events {}
http {
  access_log off;
${temporary}
  include ${dir}/web.conf;
}
`,
  };
}

/** As Debian's apache2.conf includes a site. */
function apacheAround({ dir, page }: Place): Record<string, string> {
  const modules = ["mpm_event", "authz_core", ...page.apacheModules]
    .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n");
  return {
    "apache2.conf": `
ServerRoot ${dir}
ServerName localhost
User www-data
Group www-data
PidFile ${dir}/pid
DefaultRuntimeDir ${dir}
ErrorLog ${dir}/error.log
${modules}
Include ${dir}/web.conf
`,
  };
}

/** All of them. */
export const kinds: readonly Kind[] = [
  {
    name: "nginx",
    program: "nginx",
    package: "nginx",
    version: ["-v"],
    listens: ["listen 8080;", (port) => `listen 127.0.0.1:${port};`],
    file: "web.conf",
    around: nginxAround,
    run: ({ dir }) => ["-p", dir, "-c", `${dir}/nginx.conf`, "-g", "daemon off;"],
    check: ({ dir }) => ["-t", "-p", dir, "-c", `${dir}/nginx.conf`],
  },
  {
    name: "haproxy",
    program: "haproxy",
    package: "haproxy",
    version: ["-v"],
    listens: ["bind :8080", (port) => `bind 127.0.0.1:${port}`],
    file: "haproxy.cfg",
    run: ({ dir }) => ["-db", "-f", `${dir}/haproxy.cfg`],
    check: ({ dir }) => ["-c", "-f", `${dir}/haproxy.cfg`],
  },
  {
    name: "caddy",
    program: "caddy",
    package: "caddy",
    version: ["version"],
    listens: [":8080 {", (port) => `:${port} {\n\tbind 127.0.0.1`],
    file: "web.caddy",
    around: ({ dir }) => ({ Caddyfile: `{\n\tadmin off\n}\nimport ${dir}/web.caddy\n` }),
    run: ({ dir }) => ["run", "--adapter", "caddyfile", "--config", `${dir}/Caddyfile`],
    check: ({ dir }) => ["validate", "--adapter", "caddyfile", "--config", `${dir}/Caddyfile`],
  },
  {
    name: "apache",
    program: "apache2",
    package: "apache2",
    version: ["-v"],
    listens: ["Listen 8080", (port) => `Listen 127.0.0.1:${port}`],
    file: "web.conf",
    around: apacheAround,
    run: ({ dir }) => ["-D", "FOREGROUND", "-f", `${dir}/apache2.conf`],
    check: ({ dir }) => ["-t", "-f", `${dir}/apache2.conf`],
  },
  {
    name: "varnish",
    program: "varnishd",
    package: "varnish",
    version: ["-V"],
    file: "default.vcl",
    run: ({ dir, ports }) => [
      ...["-F", "-j", "none", "-n", `${dir}/varnish`, "-f", `${dir}/default.vcl`],
      ...["-a", `127.0.0.1:${ports.proxy}`, "-T", "none", "-s", "malloc,16m"],
    ],
    check: ({ dir }) => ["-C", "-j", "none", "-n", `${dir}/varnish`, "-f", `${dir}/default.vcl`],
  },
  {
    name: "nghttpx",
    program: "nghttpx",
    package: "nghttp2-proxy",
    version: ["--version"],
    listens: ["frontend=*,8080", (port) => `frontend=127.0.0.1,${port}`],
    file: "nghttpx.conf",
    run: ({ dir }) => [`--conf=${dir}/nghttpx.conf`, `--pid-file=${dir}/pid`],
  },
];

/** The version of the program that is there, or why there is none. */
export function found(kind: Kind): { version: string } | { missing: string } {
  const { status, error, stdout, stderr } = spawnSync(kind.program, kind.version, {
    encoding: "utf8",
    env: environment("/"),
  });
  if (status !== 0) {
    const why = error?.message ?? stderr.trim();
    return {
      missing: `skipped: ${kind.program} cannot be run: ${why} (Debian has it in the package ` +
        `${kind.package})`,
    };
  }
  return { version: /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? "unknown" };
}
