import { createRequire } from "node:module";

/** Bun's part of `Runtime.noteImports`. */
export function noteImports(): () => string[] {
  // In Bun this holds the ES modules as well, and all that was imported as JSON, text, HTML …
  const { cache } = createRequire(import.meta.url);
  const before = new Set(Object.keys(cache));
  return () => Object.keys(cache).filter((file) => !before.has(file) && !isPackage(file));
}

/** Bun's part of `Runtime.isPackage`. */
export function isPackage(file: string): boolean {
  // Packages that are not installed are fetched into the second.
  return file.includes("/node_modules/") || file.includes("/.bun/install/");
}
