import module from "node:module";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Deno's part of `Runtime.noteImports`. */
export function noteImports(): () => string[] {
  const urls = new Set<string>();
  // Not at `load`: with such a hook, Deno cannot import WebAssembly.
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      urls.add(resolved.url);
      return resolved;
    },
  });
  return () => {
    const files = [...urls].filter((url) => url.startsWith("file:"));
    // "./x.ts?version=2" is the same file once more.
    return [...new Set(files.map((url) => fileURLToPath(url)))].filter((file) => !isPackage(file));
  };
}

/** Deno's part of `Runtime.isPackage`. */
export function isPackage(file: string): boolean {
  return file.includes("/node_modules/") || file.startsWith(`${cacheFolder()}/`);
}

/** Where packages are without `node_modules`: https://docs.deno.com/runtime/reference/env_variables/ */
function cacheFolder(): string {
  const { DENO_DIR, XDG_CACHE_HOME } = process.env;
  if (DENO_DIR !== undefined) return resolve(DENO_DIR);
  if (process.platform === "darwin") return join(homedir(), "Library/Caches/deno");
  return join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "deno");
}
