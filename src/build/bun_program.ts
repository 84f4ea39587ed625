/**
 * What Bun runs to make an executable: `hurricane build` starts it in a process of its own, and tells it
 * what to do as JSON.
 *
 * @module
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import process from "node:process";
import { api, type BunModule, type BunPlugins } from "../runtime/bun_api.ts";
import { namedBeside, workerWarning } from "./beside.ts";

/** What is to be made. All paths are absolute. */
export interface BunBuild {
  /** Where the modules lie that were written for it; what else is needed is written there, too. */
  folder: string;
  /** These modules, the one that is started first. */
  entries: string[];
  /** The executable. */
  output: string;
  /** Files and directories to embed. */
  assets: string[];
  /** The system it is for, as Bun calls it. */
  target?: string;
  /** Where Hurricane's own modules are. */
  own: string;
  /** Where the user is. */
  directory: string;
  /** Has the user named workers? Then it is no news that the text does not tell of some. */
  workersNamed: boolean;
}

/** Builds, and gives what there is to say of it, for a person. */
async function compile(build: BunBuild): Promise<{ made: boolean; said: string[] }> {
  const beside = new EmbeddedFiles(build);
  for (;;) {
    const known = beside.count;
    const { success, logs } = await api().build({
      entrypoints: [...build.entries, ...beside.workers],
      root: build.folder,
      target: "bun",
      format: "esm",
      // Not frozen at what it is while building: the image decides.
      define: { "process.env.NODE_ENV": "process.env.NODE_ENV" },
      bytecode: true,
      // Not the identifiers: classes and functions have names, which errors and frameworks show and compare.
      minify: { whitespace: true, syntax: true, identifiers: false },
      sourcemap: "inline",
      compile: {
        outfile: build.output,
        autoloadBunfig: false,
        assets: [...build.assets, ...beside.assets],
        ...(build.target === undefined ? {} : { target: build.target }),
      },
      plugins: [{
        name: "beside",
        setup: (plugins: BunPlugins) =>
          plugins.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, (module) => beside.load(module)),
      }],
      throw: false,
    });
    if (!success) {
      return {
        made: false,
        said: logs.map((log) => api().inspect(log, { colors: false })),
      };
    }
    // Each is another entry, of which Bun has to know beforehand.
    if (beside.count === known) return { made: true, said: beside.warnings };
  }
}

/** What the modules of a program name by its place beside them: found as Bun reads them. */
class EmbeddedFiles {
  /** The workers' modules, one for each, which only import what they run. */
  readonly workers: string[] = [];
  readonly warnings: string[] = [];
  readonly #build: BunBuild;
  /** The paths that they have in the executable, from its root, by their own. */
  readonly #embedded = new Map<string, string>();
  /** A file that is read or run, in a directory of the executable that holds no other of its name. */
  readonly #directory: string;

  constructor(build: BunBuild) {
    this.#build = build;
    this.#directory = join(build.folder, "beside");
  }

  /** How many there are. */
  get count(): number {
    return this.#embedded.size;
  }

  get assets(): string[] {
    return this.count > this.workers.length ? [this.#directory] : [];
  }

  /** A module in which the paths are those in the executable, all else as it is; `undefined`: all of it. */
  load({ path, loader }: BunModule): { contents: string; loader: string } | undefined {
    if (!/^[jt]sx?$/.test(loader) || dirname(path).startsWith(this.#build.own)) return undefined;
    const text = readFileSync(path, "utf8");
    const { beside, unknownWorkers } = namedBeside(text, path, this.#build.directory);
    if (!path.includes("/node_modules/")) this.#warn(path, unknownWorkers);
    if (beside.length === 0) return undefined;
    let contents = "";
    let end = 0;
    for (const named of beside) {
      contents += text.slice(end, named.start) + `./${this.#embed(named.file, named.worker)}`;
      end = named.end;
    }
    return { contents: contents + text.slice(end), loader };
  }

  #embed(file: string, worker: boolean): string {
    const key = `${worker} ${file}`;
    const place = this.#embedded.get(key) ??
      (worker ? this.#addWorker(file) : this.#addFile(file));
    this.#embedded.set(key, place);
    return place;
  }

  #addWorker(file: string): string {
    const name = `worker_${this.workers.length + 1}`;
    const module = join(this.#build.folder, `${name}.ts`);
    writeFileSync(module, `import ${JSON.stringify(file)};\n`);
    this.workers.push(module);
    return `${name}.js`;
  }

  #addFile(file: string): string {
    const copy = join(this.#directory, String(this.count + 1), basename(file));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(file, copy);
    return relative(this.#build.folder, copy);
  }

  #warn(module: string, lines: number[]): void {
    if (this.#build.workersNamed) return;
    for (const line of lines) {
      const warning = workerWarning(module, line);
      if (!this.warnings.includes(warning)) this.warnings.push(warning);
    }
  }
}

const { made, said } = await compile(JSON.parse(process.argv[2] ?? "") as BunBuild);
process.stdout.write(said.map((line) => `${line}\n`).join(""));
process.exitCode = made ? 0 : 1;
