import { eventually } from "../wait.ts";
import type { Pod } from "./pod.ts";
import { second } from "./scaled.ts";

/** How long it takes at most until a change has come to whoever spreads connections, in seconds. */
const mostLag = 2;

/**
 * A Service: which pods new connections go to, one after the other. As with kube-proxy, which only changes
 * addresses, a connection is one with the pod itself, and stays with it. What the pods are is known late.
 */
export class Service {
  #known: readonly Pod[] = [];
  #change = 0;
  #applied = 0;
  #next = 0;

  /** The pods that connections go to, as far as it is known. */
  get known(): readonly Pod[] {
    return this.#known;
  }

  /** The endpoints have become these; that is known some time later, and nothing older after it. */
  publish(endpoints: readonly Pod[]): void {
    const change = ++this.#change;
    setTimeout(() => {
      if (change < this.#applied) return;
      this.#applied = change;
      this.#known = endpoints;
    }, Math.random() * mostLag * second);
  }

  /** The pod that the next connection goes to; `undefined` where it is refused, for there is none. */
  next(): Pod | undefined {
    return this.#known[this.#next++ % this.#known.length];
  }

  /** Waits until it is known that a pod is an endpoint, or that it is none. */
  knows(pod: Pod, there: boolean): Promise<true> {
    const what = `${pod.name} to be ${there ? "an endpoint" : "no endpoint any more"}`;
    return eventually(what, () => this.#known.includes(pod) === there).catch((error) => {
      throw new Error(`${error.message}\n${pod.container.stderr.items.join("\n")}`);
    });
  }
}
