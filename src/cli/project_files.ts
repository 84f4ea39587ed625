/**
 * What `hurricane init` writes.
 *
 * @module
 */
import { existsSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { messageOf } from "../errors.ts";
import { UsageError } from "../options/usage_error.ts";

/** Texts by the names of their files. */
type Files = Readonly<Record<string, string>>;

/** The name of a service in a folder: the folder's, if a Service can be called that. */
export function nameFor(folder: string, isName: (name: string) => boolean): string {
  const name = basename(folder).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[-0-9]+|-+$/g, "");
  return isName(name) ? name : "web";
}

/**
 * All files of a project that begins.
 *
 * @param folder Where they will be. A `package.json` or `.gitignore` that is there stays as it is.
 * @param manifest What `hurricane manifest` prints.
 */
export function projectFiles(folder: string, name: string, manifest: string): Files {
  return {
    "handler.ts": handler,
    "migrate.ts": migration,
    ...unlessThere(folder, "package.json", packages),
    "Dockerfile": dockerfile(name),
    ".dockerignore": ignored,
    ...unlessThere(folder, ".gitignore", untracked),
    "kubernetes.yaml": manifest,
  };
}

function unlessThere(folder: string, name: string, text: string): Files {
  return existsSync(join(folder, name)) ? {} : { [name]: text };
}

/**
 * Writes files into a folder, which is made where it is missing.
 *
 * @throws {UsageError} One of them is there already, and so nothing was written; or one cannot be written.
 */
export function layOut(folder: string, files: Files): void {
  try {
    refuseThose(folder, Object.keys(files).filter((name) => isThere(join(folder, name))));
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { flag: "wx" });
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${folder} cannot be written to: ${messageOf(error)}`);
  }
}

function refuseThose(folder: string, names: readonly string[]): void {
  if (names.length === 0) return;
  throw new UsageError(
    `nothing was written, for init overwrites nothing, and ${folder} has ${names.join(", ")}: ` +
      "give another folder",
  );
}

/** A link that leads nowhere is there as well. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

const handler = `/** What is served: hurricane serve ./handler.ts --watch */
import process from "node:process";

export default {
  fetch(request: Request): Response {
    return new Response(\`Hello from \${new URL(request.url).pathname}\\n\`);
  },
};

/** Where one throws, or takes too long, its probe fails: what has to be there to serve. */
export const checks = {
  readiness: {
    memory() {
      return { rss: process.memoryUsage.rss() };
    },
  },
};

/** Called after the last request: close here what the handler has opened. */
export function onShutdown(): void {
  console.log("the last request has been answered");
}
`;

const migration = `/**
 * Runs to its end before the handler is started: --command ./migrate.ts. Where it fails, nothing is served.
 *
 * Each pod runs it, and several may at once: what it does must bear that, or belongs into a Job.
 */

console.log("nothing to migrate yet");
`;

/** `npm install` looks for one above, and would write there. */
const packages = `{
  "private": true,
  "type": "module"
}
`;

function dockerfile(name: string): string {
  return `# docker build -t registry.example/${name}:1 .
#
# Beside this file: \`hurricane\`, the executable for the system of the image, with its run bit. On
# Linux that is a copy of the one that you use: cp "$(command -v hurricane)" .

# What package.json names. How node_modules comes about does not matter: npm does as well.
FROM docker.io/oven/bun:1 AS packages
WORKDIR /app
COPY *.json bun.lock* ./
RUN ["bun", "install", "--production"]

# Debian's C library, time zones and certificates: no shell, no package manager.
FROM gcr.io/distroless/base-nossl-debian12:nonroot
WORKDIR /app
COPY hurricane /hurricane
COPY --from=packages /app ./
# The modules that lie in this folder, and no others: each further folder is one line more, such as
# COPY lib ./lib (without the second lib, what is in it would lie in /app itself).
COPY *.ts ./
# A number, for Kubernetes cannot tell of a name that it is not root's (runAsNonRoot).
USER 65532:65532
EXPOSE 8000 8001
# Docker and Compose ask it; Kubernetes has probes of its own and ignores it. It sees no flags of
# serve: with another port than 8000, set it here for both, as in ENV HURRICANE_PORT=9000.
HEALTHCHECK --interval=10s --start-period=60s CMD ["/hurricane", "probe", "liveness"]
# As kubernetes.yaml expects it: the container's arguments take the place of CMD.
ENTRYPOINT ["/hurricane"]
CMD ["serve", "./handler.ts", "--command", "./migrate.ts"]
`;
}

const ignored = `.git
.env*
node_modules
Dockerfile
kubernetes.yaml
`;

/** `hurricane` is the copy that the Dockerfile asks for, `handler` what `hurricane build` makes. */
const untracked = `node_modules
.env*
/hurricane
/handler
*.db
*.db-*
`;
