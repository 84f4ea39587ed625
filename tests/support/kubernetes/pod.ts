import { expand } from "../../manifest/expand.ts";
import { resolveOptions } from "../../../src/options/resolve.ts";
import type { Container, PodSpec, Probe } from "../../../src/manifest/kubernetes.ts";
import type { Exit } from "../instance.ts";
import { type Hurricane, launch } from "../hurricane.ts";
import { pause } from "../wait.ts";
import { Prober } from "./prober.ts";
import { second, shutdownDelay } from "./scaled.ts";

/** By this a process knows that it is in a cluster. */
const inKubernetes = { KUBERNETES_SERVICE_HOST: "kubernetes.default.svc" };

/** What Hurricane takes for `--shutdown-delay` there, as it is here. */
const delay = shutdownDelay(resolveOptions({}, inKubernetes).shutdownDelay);

/** How often a kubelet looks which containers have ended, and what it takes to create one, in seconds. */
const relist = 1;
const creation = 1;

/** How long a kubelet waits before it starts a container for the third time, and at most, in seconds. */
const firstBackoff = 10;
const mostBackoff = 300;

/** What a pod is made of. */
export interface Template {
  spec: PodSpec;
  /** What is in the image. */
  handler: string;
}

/** A pod, and what a kubelet does with it. */
export class Pod implements AsyncDisposable {
  readonly name: string;
  /** Every container that has been started, in order. */
  readonly containers: Hurricane[] = [];
  /** Why the kubelet has killed containers: what the probe said. */
  readonly killed: string[] = [];
  /** How the last container ended, once the pod has been deleted. */
  readonly gone: Promise<Exit>;
  readonly #address: string;
  readonly #template: Template;
  readonly #changed: () => void;
  #ready = false;
  #deleted = false;

  /**
   * @param address its own, of the loopback network
   * @param changed is called whenever it becomes ready or ceases to be
   */
  constructor(name: string, address: string, template: Template, changed: () => void) {
    this.name = name;
    this.#address = address;
    this.#template = template;
    this.#changed = changed;
    this.gone = this.#run();
    this.gone.catch(() => {});
  }

  /** Is it an endpoint of its Service? One that is being deleted is none. */
  get serving(): boolean {
    return this.#ready && !this.#deleted;
  }

  /** The container that runs, or did last. */
  get container(): Hurricane {
    return this.containers.at(-1) as Hurricane;
  }

  /** The address of a path of its handler. */
  url(path = "/"): string {
    return new URL(path, `http://${this.#address}:${this.#port("http")}`).href;
  }

  /** Its end begins: it is no endpoint any more, and in the same moment it gets SIGTERM. */
  delete(): void {
    this.#deleted = true;
    this.#changed();
    this.#kill(this.container);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deleted = true;
    const all = this.containers.map((container) => container[Symbol.asyncDispose]());
    await Promise.all([this.gone, ...all]);
  }

  /** Starts containers until the pod is deleted. */
  async #run(): Promise<Exit> {
    for (let starts = 1;; starts++) {
      const container = this.#start();
      this.containers.push(container);
      let exit: Exit;
      {
        using probers = new DisposableStack();
        this.#probe(container, probers);
        exit = await container.exited;
      }
      await this.#wait(Math.random() * relist);
      this.#set(false);
      const backoff = starts > 1 ? Math.min(firstBackoff * 2 ** (starts - 2), mostBackoff) : 0;
      await this.#wait(creation + backoff);
      if (this.#deleted) return exit;
    }
  }

  /** The image's file system is as it was, whatever the container before has written. */
  #start(): Hurricane {
    const { handler } = this.#template;
    const [, , ...args] = (this.#spec.args ?? []).map((argument) => expand(argument));
    const variables = (this.#spec.env ?? []).map(({ name, value = "" }) => [name, value]);
    return launch(handler, {
      args: [...args, `--host=${this.#address}`, `--shutdown-delay=${delay}ms`],
      env: { ...inKubernetes, ...Object.fromEntries(variables) },
    });
  }

  /** The other probes are asked as soon as that of the start has succeeded. */
  #probe(container: Hurricane, probers: DisposableStack): void {
    const { startupProbe, readinessProbe, livenessProbe } = this.#spec;
    const ask = (asked: Probe, tell: (success: boolean, text: string) => void): Prober =>
      probers.use(
        new Prober(this.#probeUrl(asked), asked, ({ success, text }) => tell(success, text)),
      );
    const restart = (text: string): void => {
      this.killed.push(text);
      this.#kill(container);
    };
    const startup = ask(startupProbe as Probe, (success, text) => {
      startup[Symbol.dispose]();
      if (!success) return restart(text);
      ask(readinessProbe as Probe, (ready) => this.#set(ready));
      const liveness = ask(livenessProbe as Probe, (alive, text) => {
        if (alive) return;
        liveness[Symbol.dispose]();
        if (!this.#deleted) restart(text);
      });
    });
  }

  /** The grace period is as long as it is: what runs in it is not faster here. */
  #kill(container: Hurricane): void {
    container.signal("SIGTERM");
    const grace = this.#template.spec.terminationGracePeriodSeconds * 1000;
    const timer = setTimeout(() => container.signalAll("SIGKILL"), grace);
    container.exited.finally(() => clearTimeout(timer)).catch(() => {});
  }

  /** Waits for so many seconds, or until the pod is deleted. */
  async #wait(seconds: number): Promise<void> {
    for (let left = seconds * second; left > 0 && !this.#deleted; left -= 20) await pause(20);
  }

  #set(ready: boolean): void {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.#changed();
  }

  get #spec(): Container {
    return this.#template.spec.containers[0] as Container;
  }

  #port(name: string): number {
    return this.#spec.ports?.find((port) => port.name === name)?.containerPort ?? 0;
  }

  #probeUrl({ httpGet: { path, port } }: Probe): string {
    return `http://${this.#address}:${this.#port(port)}${path}`;
  }
}
