import { getMimeType, mimes } from "hono/utils/mime";

/** What Hono's list lacks, as registered with IANA, or as browsers call it. */
const more = {
  flac: "audio/flac",
  jxl: "image/jxl",
  m4a: "audio/mp4",
  m4v: "video/mp4",
  md: "text/markdown; charset=utf-8",
  mov: "video/quicktime",
  ogg: "audio/ogg",
  vtt: "text/vtt; charset=utf-8",
  wav: "audio/wav",
  yaml: "application/yaml",
  yml: "application/yaml",
};

const types: Record<string, string> = { ...mimes, ...more };

/** The `Content-Type` of a file, by the end of its name; texts are in UTF-8. */
export function contentType(path: string): string {
  return getMimeType(path, types) ?? "application/octet-stream";
}
