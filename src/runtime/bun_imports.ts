import { createRequire } from "node:module";

/** Bun's part of `Runtime.noteImports`. */
export function noteImports(): () => string[] {
  // In Bun this holds the ES modules as well, and all that was imported as JSON, text, HTML …
  const { cache } = createRequire(import.meta.url);
  const before = new Set(Object.keys(cache));
  return () => {
    const now = Object.keys(cache).filter((key) => key.startsWith("/") && !before.has(key));
    // "./x.ts?version=2" is the same file once more.
    return [...new Set(now.map((key) => key.replace(/\?.*$/, "")))]
      .filter((file) => !isPackage(file));
  };
}

/** Bun's part of `Runtime.isPackage`. */
export function isPackage(file: string): boolean {
  // Packages that are not installed are fetched into the second.
  return file.includes("/node_modules/") || file.includes("/.bun/install/");
}
