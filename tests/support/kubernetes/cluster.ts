import { readManifest } from "../../manifest/made.ts";
import type { Deployment } from "../../../src/manifest/kubernetes.ts";
import { freePort } from "../free_port.ts";
import { run } from "../hurricane.ts";
import { pause } from "../wait.ts";
import { Pod } from "./pod.ts";
import { second } from "./scaled.ts";
import { Service } from "./service.ts";

/** How many pods of the new kind there may be beyond the replicas during a rollout: 25 %, rounded up. */
const maxSurge = 0.25;

/** The Deployments that have been written, by their arguments. */
const deployments = new Map<string, Promise<Deployment>>();

/** What `hurricane manifest` writes for three replicas: once, for to start it takes longer than to read it. */
function written(args: readonly string[]): Promise<Deployment> {
  const key = args.join(" ");
  const deployment = deployments.get(key) ?? write(args);
  deployments.set(key, deployment);
  return deployment;
}

async function write(args: readonly string[]): Promise<Deployment> {
  const ports = ["--port", `${await freePort()}`, "--probe-port", `${await freePort()}`];
  await using manifest = run([
    ...["manifest", "./handler.ts", "--image", "registry.example/web:1", "--replicas", "3"],
    ...[...ports, ...args],
  ]);
  await manifest.exited;
  return readManifest(manifest.stdout.items.join("\n")).deployment;
}

/** A Deployment as `hurricane manifest` writes it, with its Service. */
export class Cluster implements AsyncDisposable {
  readonly service = new Service();
  readonly #deployment: Deployment;
  readonly #all: Pod[] = [];
  readonly #network: string;
  #pods: Pod[] = [];
  #handler: string;

  private constructor(deployment: Deployment, handler: string) {
    this.#deployment = deployment;
    this.#handler = handler;
    // Others may test at the same time.
    const byte = () => 1 + Math.floor(Math.random() * 254);
    this.#network = `127.${byte()}.${byte()}`;
  }

  /** Applies a manifest of three replicas, and waits until all are endpoints. */
  static async start(handler: string, args: string[] = []): Promise<Cluster> {
    const deployment = await written(args);
    const cluster = new Cluster(deployment, handler);
    try {
      const { replicas = 0 } = deployment.spec;
      const pods = Array.from({ length: replicas }, () => cluster.#create());
      for (const pod of pods) await cluster.service.knows(pod, true);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** The pods that the Deployment wants. */
  get pods(): readonly Pod[] {
    return this.#pods;
  }

  /** Has all pods replaced by such with another handler, and waits until the last old one has gone. */
  async rollOut(handler: string): Promise<void> {
    const old = [...this.#pods];
    this.#handler = handler;
    const surge = Math.ceil(old.length * maxSurge);
    const created: Pod[] = [];
    const ending: Promise<unknown>[] = [];
    for (const pod of old) {
      while (created.length - ending.length < surge && created.length < old.length) {
        created.push(this.#create());
      }
      await this.#available(created[ending.length] as Pod);
      this.#remove(pod);
      ending.push(pod.gone);
    }
    await Promise.all(ending);
  }

  /** Deletes a pod; another one is created at once. Waits until that counts and the pod has gone. */
  async delete(pod: Pod): Promise<void> {
    this.#remove(pod);
    await this.#available(this.#create());
    await pod.gone;
  }

  /** Begins a rollout: the first new pod is created. */
  beginRollOut(handler: string): Pod {
    this.#handler = handler;
    return this.#create();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((pod) => pod[Symbol.asyncDispose]()));
  }

  #create(): Pod {
    const number = this.#all.length + 1;
    const template = { spec: this.#deployment.spec.template.spec, handler: this.#handler };
    const publish = () => this.service.publish(this.#pods.filter(({ serving }) => serving));
    const pod = new Pod(`pod ${number}`, `${this.#network}.${number}`, template, publish);
    this.#all.push(pod);
    this.#pods.push(pod);
    return pod;
  }

  #remove(pod: Pod): void {
    pod.delete();
    this.#pods = this.#pods.filter((other) => other !== pod);
  }

  /** A pod counts when it has been ready for `minReadySeconds` without a break. */
  async #available(pod: Pod): Promise<void> {
    const least = this.#deployment.spec.minReadySeconds * second;
    for (;;) {
      await this.service.knows(pod, true);
      let waited = 0;
      for (; pod.serving && waited < least; waited += 20) await pause(20);
      if (waited >= least) return;
    }
  }
}
