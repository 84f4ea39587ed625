/**
 * The files of `--static`, before a handler.
 *
 * Loaded only where there are some, for on Deno this is all that the handler's process loads of
 * packages: see `deno_project.ts` for how they are found there.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Context, Hono } from "hono";
import { serveStatic } from "hono/serve-static";
import { pathOf } from "../../request_head.ts";
import type { FetchHandler } from "../../runtime/runtime.ts";
import { answerWith } from "./answer.ts";
import { openWithin } from "./open.ts";
import { filePath } from "./path.ts";
import { parseStaticSite, type StaticSite } from "./site.ts";
import { contentType } from "./types.ts";
import { Response, URL } from "../../natives.ts";

/**
 * Puts the files of directories, given as `--static` takes them, before a handler. It gets all that is
 * no GET or HEAD of a file that is there.
 *
 * Where a path is below several prefixes, the longest that has the file is the one that counts.
 */
export function staticFiles(values: readonly string[]): (handler: FetchHandler) => FetchHandler {
  const sites = values.map(parseStaticSite)
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
    .map((site) => new Site(site));
  return (handler) => (request, info) => {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD") return handler(request, info);
    const path = pathOf(request.url);
    const asked = sites.filter(({ prefix }) => path.startsWith(prefix));
    if (asked.length === 0) return handler(request, info);
    return firstAnswer(asked, path, request).then((answer) => answer ?? handler(request, info));
  };
}

async function firstAnswer(
  sites: Site[],
  path: string,
  request: Request,
): Promise<Response | undefined> {
  for (const site of sites) {
    const answer = await site.answer(path, request);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** What is looked for, and whether it was found: Hono's answer alone does not tell. */
interface Lookup {
  path: string;
  found: boolean;
}

type Environment = { Bindings: Lookup };

/**
 * The files of one directory, over Hono's `serveStatic`, which finds the file and the `index.html` of a
 * directory. Around it is what it lacks: the decoding of all names, no dotfiles, no way out over a
 * symbolic link, validators and ranges.
 */
class Site {
  readonly prefix: string;
  readonly #root: string;
  readonly #app: Hono<Environment>;

  constructor({ prefix, directory }: StaticSite) {
    this.prefix = prefix;
    this.#root = resolve(directory);
    this.#app = new Hono<Environment>({ getPath: (_request, options) => pathIn(options?.env) });
    this.#app.get(
      "*",
      serveStatic<Environment>({
        root: this.#root,
        join,
        isDir,
        allowPercentInPath: true,
        getContent: (path, context) => this.#content(path, context),
      }),
    );
    // What goes wrong is the request path's to tell.
    this.#app.onError((error) => {
      throw error;
    });
  }

  /** Resolves with `undefined` where there is no such file. */
  async answer(path: string, request: Request): Promise<Response | undefined> {
    const found = filePath(path.slice(this.prefix.length));
    if (found === undefined) return undefined;
    const lookup = { path: found, found: false };
    const answer = await this.#app.fetch(request, lookup);
    return lookup.found ? answer : undefined;
  }

  async #content(path: string, { env, req }: Context<Environment>): Promise<Response | null> {
    const file = await openWithin(this.#root, path);
    if (file === undefined) return null;
    env.found = true;
    const isIndex = path !== join(this.#root, env.path);
    if (!isIndex || env.path.endsWith("/")) return answerWith(file, contentType(path), req.raw);
    await file.handle.close();
    return toDirectory(req.raw.url);
  }
}

/** Hono decodes what it is given: a percent sign that is one must be encoded. */
function pathIn(lookup: Lookup | undefined): string {
  return (lookup?.path ?? "/").replaceAll("%", "%25");
}

async function isDir(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // It is not there, or it will be seen when it is opened what is wrong with it.
    return false;
  }
}

/** With the slash at the end that the links in its `index.html` are relative to. */
function toDirectory(url: string): Response {
  const { pathname, search } = new URL(url, "http://localhost");
  return new Response(null, { status: 301, headers: { location: `${pathname}/${search}` } });
}
