import { Request } from "../natives.ts";

const { prototype } = Request;

/** A request's own signal, whatever has been put in its place. */
export function nativeSignal(request: Request): AbortSignal {
  return Reflect.get(prototype, "signal", request);
}

/** Bun's part of `Runtime.whenClientLeaves`. */
export function whenClientLeaves(request: Request, left: () => void): void {
  const signal = nativeSignal(request);
  if (signal.aborted) left();
  else signal.addEventListener("abort", left, { once: true });
}
