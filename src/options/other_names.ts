/**
 * What gunicorn and uvicorn call what Hurricane has under another name: many who come have these at their
 * fingertips.
 *
 * @module
 */

/** What to give in the place of an option of theirs, by its flag. */
const inPlaceOf: Readonly<Record<string, string>> = {
  "--access-logfile": "--access-log",
  "--bind": "--host and --port",
  "--certfile": "--tls-cert",
  "--graceful-timeout": "--shutdown-timeout",
  "--keep-alive": "--idle-timeout",
  "--keyfile": "--tls-key",
  "--limit-concurrency": "--max-inflight",
  "--limit-max-requests": "--max-lifetime",
  "--max-requests": "--max-lifetime",
  "--max-requests-jitter": "--max-lifetime, which varies by a tenth",
  "--reload": "--watch",
  "--reload-dir": "--watch-path",
  "--reload-extra-file": "--watch-path",
  "--ssl-certfile": "--tls-cert",
  "--ssl-keyfile": "--tls-key",
  "--timeout": "--request-timeout for a request, or --stall-timeout for an event loop",
  "--timeout-graceful-shutdown": "--shutdown-timeout",
  "--timeout-keep-alive": "--idle-timeout",
};

/** `; give X`, or nothing. */
export function ourName(flag: string): string {
  const ours = Object.hasOwn(inPlaceOf, flag) ? inPlaceOf[flag] : undefined;
  return ours === undefined ? "" : `; give ${ours}`;
}
