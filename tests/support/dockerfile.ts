/**
 * Builds what a Dockerfile says, as far as Hurricane's examples go, where no image can be pulled.
 *
 * The base images are laid out of this machine's own C library.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Container, type Image } from "./container.ts";
import { executable } from "./executable.ts";

interface Stage extends Image {
  name: string;
}

/** What the build has to do with. */
export interface Context {
  /** The folder that files are copied from. */
  context: string;
  /** Where root file systems are laid. */
  work: string;
  /** Stages that are there already, by name: the folder that is their root. */
  given?: Record<string, string>;
  /** `--build-arg`. */
  args?: Record<string, string>;
}

/** Builds a Dockerfile and gives the image of its last stage. */
export async function buildImage(dockerfile: string, context: Context): Promise<Image> {
  const build = new Build(context);
  for (const [instruction, rest] of instructions(readFileSync(dockerfile, "utf8"))) {
    await build.step(instruction, rest);
  }
  return build.image;
}

/** The instructions of a Dockerfile: comments dropped, continued lines joined. */
function instructions(text: string): [string, string][] {
  return text.replace(/^\s*#.*\n/gm, "").replaceAll("\\\n", " ").split("\n")
    .map((line) => line.trim()).filter((line) => line !== "")
    .map((line) => {
      const [, instruction = "", rest = ""] = line.match(/^(\w+)\s+(.*)$/) ?? [];
      return [instruction, rest];
    });
}

class Build {
  readonly #context: Context;
  readonly #stages: Stage[] = [];
  #args: Record<string, string> = {};

  constructor(context: Context) {
    this.#context = context;
  }

  get image(): Stage {
    const last = this.#stages.at(-1);
    if (last === undefined) throw new Error("there is no FROM yet");
    return last;
  }

  async step(instruction: string, text: string): Promise<void> {
    if (instruction === "FROM") return this.#from(text);
    const { image } = this;
    if (this.#given(image.name) !== undefined) return;
    const rest = text.replaceAll(/\$(\w+)/g, (_, name: string) => this.#args[name] ?? "");
    switch (instruction) {
      case "ARG":
        this.#args[rest] = this.#context.args?.[rest] ?? "";
        return;
      case "WORKDIR":
        image.workdir = rest;
        mkdirSync(join(image.rootfs, rest), { recursive: true });
        return;
      case "COPY":
        return this.#copy(rest.split(/\s+/));
      case "RUN":
        return await runStep(image, words(rest));
      case "ENV": {
        const [name = "", value = ""] = rest.split("=", 2);
        image.env[name] = value;
        return;
      }
      case "USER":
        image.user = Number(rest.split(":")[0]);
        return;
      case "ENTRYPOINT":
        image.entrypoint = words(rest);
        image.cmd = [];
        return;
      case "CMD":
        image.cmd = words(rest);
        return;
      case "HEALTHCHECK":
        image.health = words(rest.replace(/^.*?\bCMD\s+/, ""));
        return;
      case "EXPOSE":
        return;
      default:
        throw new Error(`${instruction} is not understood`);
    }
  }

  #from(text: string): void {
    const [, base = "", name = `stage ${this.#stages.length}`] =
      text.match(/^(\S+)(?:\s+AS\s+(\S+))?$/) ?? [];
    const rootfs = this.#given(name) ?? join(this.#context.work, name);
    mkdirSync(rootfs, { recursive: true });
    if (/distroless|debian/.test(base)) layLibc(rootfs);
    this.#args = {};
    const user = base.endsWith(":nonroot") ? 65532 : 0;
    const rest = { workdir: "/", env: {}, entrypoint: [], cmd: [], health: [] };
    this.#stages.push({ name, rootfs, user, ...rest });
  }

  #given(name: string): string | undefined {
    return this.#context.given?.[name];
  }

  #copy(operands: string[]): void {
    const { rootfs, workdir } = this.image;
    const stage = operands[0]?.match(/^--from=(.*)$/)?.[1];
    const [target = "", ...sources] = operands.slice(stage === undefined ? 0 : 1).reverse();
    const from = stage === undefined ? this.#context.context : this.#rootOf(stage);
    const to = join(rootfs, resolve(workdir, target));
    for (const file of sources.flatMap((source) => matching(from, source))) {
      const isFolder = statSync(file).isDirectory();
      const into = !isFolder && (target.endsWith("/") || existsSync(to));
      const copy = into ? join(to, basename(file)) : to;
      mkdirSync(dirname(copy), { recursive: true });
      cpSync(file, copy, { recursive: true, dereference: true });
      if (!isFolder) chmodSync(copy, statSync(file).mode);
    }
  }

  #rootOf(name: string): string {
    const stage = this.#stages.find((stage) => stage.name === name);
    if (stage === undefined) throw new Error(`COPY --from=${name}: there is no such stage`);
    return stage.rootfs;
  }
}

/** What `*` in a name stands for; nothing is enough for it. */
function matching(folder: string, name: string): string[] {
  const [before, after, ...more] = name.split("*");
  if (after === undefined) return [join(folder, name)];
  if (before === undefined || more.length > 0) throw new Error(`${name} is not understood`);
  return readdirSync(folder).filter((file) => file.startsWith(before) && file.endsWith(after))
    .map((file) => join(folder, file));
}

async function runStep(image: Stage, args: string[]): Promise<void> {
  await using container = new Container(image, { args, building: true });
  const { code, stderr } = await container.ended;
  if (code !== 0) throw new Error(`RUN ${args.join(" ")} exited with ${code}: ${stderr}`);
}

function words(json: string): string[] {
  return JSON.parse(json);
}

/** The C library as Debian's images have it, and `/tmp`. */
function layLibc(rootfs: string): void {
  const listed = execFileSync("ldd", [executable], { encoding: "utf8" });
  const libraries: string[] = listed.match(/\/\S+/g) ?? [];
  const loader = libraries.find((path) => basename(path).startsWith("ld-linux")) ?? "";
  const libc = libraries.find((path) => basename(path) === "libc.so.6") ?? "";
  // Debian has the loader where programs look for it, and beside the C library.
  for (const path of [...libraries, join(dirname(libc), basename(loader))]) {
    const target = join(rootfs, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(path, target, { dereference: true });
    chmodSync(target, 0o755);
  }
  mkdirSync(join(rootfs, "tmp"));
  chmodSync(join(rootfs, "tmp"), 0o1777);
}
