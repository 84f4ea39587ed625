import { runtime } from "../../runtime/mod.ts";
import type { OpenFile } from "./open.ts";
import { type Part, requestedPart } from "./range.ts";
import { streamOf } from "./stream.ts";
import { rangeMayBeSent, unmetCondition, type Validators, validatorsOf } from "./validators.ts";
import { Response } from "../../natives.ts";

/** What is sent of a file: its head, and a part of it unless `part` is left out. */
interface Plan {
  status: 200 | 206 | 304 | 412 | 416;
  headers: Record<string, string>;
  part?: Part;
}

/**
 * The answer to a GET or HEAD request for a file, which is closed when it is no longer needed: the file
 * or a part of it, or that its version is known already (RFC 9110 §13 and §14).
 */
export async function answerWith(
  file: OpenFile,
  type: string,
  request: Request,
): Promise<Response> {
  const { status, headers, part } = planOf(file, type, request);
  if (part === undefined || part.start === part.end) {
    await file.handle.close();
    return new Response(null, { status, headers });
  }
  // Bun applies a Range to a whole file of its own once more, by other rules.
  const decided = status === 200 && request.headers.has("range");
  const native = decided ? undefined : runtime.fileBody(file.path, part.start, part.end);
  if (native === undefined) return new Response(streamOf(file.handle, part), { status, headers });
  // The runtime opens it anew, by a path in which there is no link.
  await file.handle.close();
  // Bun would make one of the file's name, and leave out how it is meant. This is the default (RFC 6266).
  return new Response(native, { status, headers: { ...headers, "content-disposition": "inline" } });
}

function planOf(file: OpenFile, type: string, { method, headers: asked }: Request): Plan {
  const { size } = file;
  const validators = validatorsOf(file);
  const status = unmetCondition(asked, validators);
  if (status !== undefined) return { status, headers: headersOf(validators) };
  const headers = { ...headersOf(validators), "accept-ranges": "bytes" };
  // Ranges are GET's alone (§14.2).
  const range = method === "GET" && rangeMayBeSent(asked, validators) ? asked.get("range") : null;
  const part = range === null ? undefined : requestedPart(range, size);
  if (part === "unsatisfiable") {
    return { status: 416, headers: { ...headers, "content-range": `bytes */${size}` } };
  }
  const { start, end } = part ?? { start: 0, end: size };
  const sent = {
    status: part === undefined ? 200 as const : 206 as const,
    headers: {
      ...headers,
      "content-type": type,
      "content-length": `${end - start}`,
      ...(part === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${size}` }),
    },
  };
  return method === "HEAD" ? sent : { ...sent, part: { start, end } };
}

function headersOf({ etag, lastModified }: Validators): Record<string, string> {
  return { etag, "last-modified": lastModified };
}
