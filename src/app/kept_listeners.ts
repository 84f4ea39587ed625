/**
 * Listeners of `process` without which Hurricane cannot do its work, and which so come back where the
 * handler takes them away: with `process.removeAllListeners()`, or one by one.
 *
 * @module
 */
import process from "node:process";
import { processNatives } from "../natives.ts";

type Listener = (...args: never[]) => void;

interface Kept {
  name: string;
  listener: Listener;
  removed: () => void;
}

const kept: Kept[] = [];
let adding = false;

/**
 * Listens from now on, whatever the handler does.
 *
 * @param removed called when somebody takes the listener away, which then comes back
 */
export function keepListening(
  name: string,
  listener: Listener,
  removed: () => void = () => {},
): void {
  if (kept.length === 0) guard();
  kept.push({ name, listener, removed });
  add(name, listener);
}

/** Listens no longer. */
export function stopListening(name: string, listener: Listener): void {
  const index = kept.findIndex((one) => one.name === name && one.listener === listener);
  if (index >= 0) kept.splice(index, 1);
  processNatives.off(name, listener);
}

/** Is it Hurricane that adds a listener in this moment? */
export function isAdding(): boolean {
  return adding;
}

function add(name: string, listener: Listener): void {
  adding = true;
  try {
    processNatives.on(name, listener);
  } finally {
    adding = false;
  }
}

/**
 * Has what takes listeners away put back those that must stay. `removeListener` tells of none on Bun, and
 * of those that go with `removeAllListeners` before the rest has gone.
 */
function guard(): void {
  // By these Deno sees whether anybody listens to the supervisor, and so keeps the process alive.
  for (const name of ["newListener", "removeListener"]) {
    for (const listener of processNatives.listeners(name)) {
      kept.push({ name, listener: listener as Listener, removed() {} });
    }
  }
  const { off, removeAllListeners } = processNatives;
  process.off = process.removeListener = (...given) => {
    off(...given);
    restore();
    return process;
  };
  process.removeAllListeners = (...names) => {
    removeAllListeners(...names);
    restore();
    return process;
  };
}

/** Adds those that are missing. */
function restore(): void {
  for (const { name, listener, removed } of kept) {
    if (processNatives.listeners(name).includes(listener)) continue;
    removed();
    add(name, listener);
  }
}
