import { Promise, Response } from "../../natives.ts";

/**
 * What there is of files for a request: `undefined` at once where its path is below no prefix, so that
 * such a request waits for nothing.
 */
export type Files = (request: Request) => Promise<Response | undefined> | undefined;

/** The files of `--static`, given as that takes them; `undefined` where there are none. */
export async function filesOf(directories: readonly string[]): Promise<Files | undefined> {
  if (directories.length === 0) return undefined;
  // Late: few services have any.
  const { staticFiles } = await import(
    "../static/files.ts" as string
  ) as typeof import("../static/files.ts");
  const none = new Response(null, { status: 404 });
  const files = staticFiles(directories)(() => none);
  return (request) => {
    const found = files(request, undefined);
    if (found === none) return undefined;
    return Promise.resolve(found).then((answer) => answer === none ? undefined : answer);
  };
}
