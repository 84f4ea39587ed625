/**
 * What Bun runs to make an executable: `hurricane build` starts it in a process of its own, and tells it
 * what to do as JSON.
 *
 * @module
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import process from "node:process";
import {
  api,
  type BunImport,
  type BunLog,
  type BunModule,
  type BunPlugins,
} from "../runtime/bun_api.ts";
import { isPackage } from "../runtime/bun_imports.ts";
import { findsAddon, makesCode, namedBeside, workerWarning } from "./beside.ts";
import { archiveNames } from "./extracted.ts";
import { pack } from "./pack.ts";
import { placed, placeWarnings, viewEngines, wantsOwnFolder } from "./places.ts";

/** What is to be made. All paths are absolute. */
export interface BunBuild {
  /** Where the modules lie that were written for it; what else is needed is written there, too. */
  folder: string;
  /** These modules, the one that is started first. */
  entries: string[];
  /** The executable. */
  output: string;
  /** Files and directories to embed, as they lie for that. */
  assets: string[];
  /** Where the user has them. */
  named: string[];
  /** The modules that stand for `node:fs` and `node:fs/promises`, where there are assets. */
  fs?: { all: string; promises: string };
  /** The folder that keeps its shape in the executable. */
  project: string;
  /** Do modules find their place there? */
  placed: boolean;
  /** Is all of the project packed, for the program to extract and to run from there? */
  extract: boolean;
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
  const { packed, secrets } = build.extract
    ? await packProject(build)
    : { packed: [], secrets: [] };
  const optional = new OptionalPackages();
  for (;;) {
    const known = beside.count + optional.count;
    const { success, logs } = await api().build({
      entrypoints: [...build.entries, ...beside.workers],
      root: build.folder,
      target: "bun",
      format: "esm",
      // Not frozen at what it is while building: the image decides.
      define: { "process.env.NODE_ENV": "process.env.NODE_ENV" },
      // Measured: docs/architecture.md.
      bytecode: true,
      // Not the identifiers: classes and functions have names, which errors and frameworks show and compare.
      minify: { whitespace: true, syntax: true, identifiers: false },
      sourcemap: "inline",
      compile: {
        outfile: build.output,
        autoloadBunfig: false,
        ...(build.extract ? { autoloadPackageJson: true, autoloadTsconfig: true } : {}),
        assets: [...build.assets, ...packed, ...beside.assets],
        ...(build.target === undefined ? {} : { target: build.target }),
      },
      plugins: [{
        name: "hurricane",
        setup(plugins: BunPlugins): void {
          beside.setup(plugins);
          optional.setup(plugins);
        },
      }],
      throw: false,
    });
    if (!success) optional.learn(logs);
    // What was found has to be known to Bun beforehand.
    if (beside.count + optional.count > known) continue;
    if (beside.obstacle !== undefined) return { made: false, said: [beside.obstacle] };
    return success
      ? { made: true, said: [...secretsWarning(secrets), ...beside.warnings] }
      : { made: false, said: logs.map((log) => api().inspect(log, { colors: false })) };
  }
}

/** Writes the archive and what is known of it, and gives their paths, and which files look like secrets. */
async function packProject(
  { project, folder, output }: BunBuild,
): Promise<{ packed: string[]; secrets: string[] }> {
  const archive = join(folder, archiveNames.files);
  const names = join(folder, archiveNames.packed);
  const without = join(dirname(folder), basename(output));
  const { packed, secrets } = await pack(project, archive, without);
  writeFileSync(names, JSON.stringify(packed));
  return { packed: [archive, names], secrets };
}

/** How many files a warning names. */
const namedSecrets = 5;

function secretsWarning(files: readonly string[]): string[] {
  if (files.length === 0) return [];
  const named = files.slice(0, namedSecrets).join(", ");
  const more = files.length > namedSecrets ? `, and ${files.length - namedSecrets} more` : "";
  return [
    `the executable holds what looks like secrets, for whoever has it to read: ${named}${more}; ` +
    "keep them outside the project if they are",
  ];
}

/**
 * Packages that others load only where they are installed, and catch that they are not. Bun knows that of
 * `require` in a `try`; of all else it says that it is missing.
 */
class OptionalPackages {
  /** Who loads which, by both. */
  readonly #found = new Map<string, BunImport>();

  get count(): number {
    return this.#found.size;
  }

  setup(plugins: BunPlugins): void {
    const names = new Set([...this.#found.values()].map(({ path }) => path));
    if (names.size === 0) return;
    const filter = new RegExp(`^(?:${[...names].map(literally).join("|")})$`);
    plugins.onResolve(
      { filter },
      (found) => this.#found.has(keyOf(found)) ? { path: found.path, external: true } : undefined,
    );
  }

  /** Takes up what is missing, but what the handler's own modules load, and what is imported outright. */
  learn(logs: BunLog[]): void {
    for (const { importKind = "import-statement", specifier = "", position } of logs) {
      const importer = position?.file ?? "";
      if (importKind === "import-statement" || !isPackage(importer)) continue;
      const found = { path: specifier, importer };
      this.#found.set(keyOf(found), found);
    }
  }
}

/** As a part of a regular expression. */
function literally(text: string): string {
  return text.replace(/[^\w/]/g, "\\$&");
}

function keyOf({ path, importer }: BunImport): string {
  return `${path} ${importer}`;
}

/** Where an executable has what is embedded. */
const embeddedRoot = "/$bunfs/root";

const fileSystem = /(\bfrom\s*|\brequire\(\s*|\bimport\s*\(?\s*)["'](?:node:)?fs(\/promises)?["']/g;

function isInstalled(name: string, folder: string): boolean {
  try {
    api().resolveSync(name, folder);
    return true;
  } catch {
    // Rendering then fails as it does from source.
    return false;
  }
}

/** A module after which a package can be loaded by a name that is made at run time, as Express loads view engines. */
function withEngine(text: string, name: string): string {
  const quoted = JSON.stringify(name);
  const [hashbang = ""] = /^#!.*\n/.exec(text) ?? [];
  return hashbang +
    `Bun.plugin({name:"hurricane",setup(b){b.module(${quoted},()=>{const e=require(${quoted});` +
    `return{exports:{...e,__express:e.__express},loader:"object"}})}});` +
    text.slice(hashbang.length);
}

/** What the modules of a program name by its place beside them: found as Bun reads them. */
class EmbeddedFiles {
  /** The workers' modules, one for each, which only import what they run. */
  readonly workers: string[] = [];
  readonly warnings: string[] = [];
  /** Why the program could not work. */
  obstacle: string | undefined;
  /** What there is to say of the first module that makes paths which its text does not tell. */
  #unknown: string | undefined;
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

  setup(plugins: BunPlugins): void {
    plugins.onLoad({ filter: /(?:\.[cm]?[jt]sx?|\/[^./]+)$/ }, (module) => this.#load(module));
  }

  /** A module in which the paths are those in the executable, all else as it is; `undefined`: all of it. */
  #load({ path, loader }: BunModule): { contents: string; loader: string } | undefined {
    const { own, folder } = this.#build;
    const isOwn = [own, folder].some((place) => path.startsWith(place));
    if (!/^[jt]sx?$/.test(loader) || isOwn) return undefined;
    const text = readFileSync(path, "utf8");
    const { beside, unknownWorkers } = namedBeside(text, path, this.#build.directory);
    if (isPackage(path)) this.#warnOfPackage(path, text);
    else this.#warn(path, text, unknownWorkers);
    let contents = "";
    let end = 0;
    for (const named of beside) {
      contents += text.slice(end, named.start) + `./${this.#embed(named.file, named.worker)}`;
      end = named.end;
    }
    contents = this.#inExecutable(contents + text.slice(end), path);
    // What has no ending, as `bin/www` of Express, would be taken for a file to read.
    return contents === text && /\.\w+$/.test(path) ? undefined : { contents, loader };
  }

  /** A module that reads what is embedded, and is where it would be. */
  #inExecutable(text: string, path: string): string {
    const { fs, project, placed: isPlaced } = this.#build;
    const read = fs === undefined ? text : text.replace(
      fileSystem,
      (_, before: string, promises?: string) =>
        before + JSON.stringify(promises === undefined ? fs.all : fs.promises),
    );
    if (isPackage(path)) return read;
    const own = isPlaced ? placed(read, join(embeddedRoot, relative(project, path))) : read;
    const engines = viewEngines(text).filter((name) => isInstalled(name, dirname(path)));
    return engines.reduce((module, name) => withEngine(module, name), own);
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

  #warn(module: string, text: string, lines: number[]): void {
    const { named: assets, ...build } = this.#build;
    this.obstacle ??= wantsOwnFolder(text, module);
    const { reads, unknown } = placeWarnings(text, module, { ...build, assets });
    for (const warning of reads) this.#say(warning);
    this.#unknown ??= unknown;
    if (unknown !== undefined && unknown === this.#unknown) this.#say(unknown);
    if (this.#build.workersNamed) return;
    for (const line of lines) {
      this.#say(workerWarning(module, line));
    }
  }

  #warnOfPackage(module: string, text: string): void {
    const what = findsAddon(text)
      ? "a native addon"
      : makesCode(text)
      ? "its own files"
      : undefined;
    if (what === undefined) return;
    const [, name = module] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module) ?? [];
    this.#say(
      `${name} looks for ${what} in the file system when it is loaded: not in the executable, and ` +
        "what cannot do without it fails there; build it with --extract",
    );
  }

  /** Once, however often a module is read. */
  #say(warning: string): void {
    if (!this.warnings.includes(warning)) this.warnings.push(warning);
  }
}

const { made, said } = await compile(JSON.parse(process.argv[2] ?? "") as BunBuild);
process.stdout.write(said.map((line) => `${line}\n`).join(""));
process.exitCode = made ? 0 : 1;
