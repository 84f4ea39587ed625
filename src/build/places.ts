/**
 * Modules that find files by their own place, as with `join(__dirname, "views")`. An executable has such a
 * place for what is embedded, and for nothing else.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What a module reads, as far as its text tells. */
interface Read {
  index: number;
  /** An absolute path; left out where the text does not tell. */
  path?: string;
  /** Is it looked for from the working directory? */
  fromDirectory?: true;
}

/** `const here = path.dirname(fileURLToPath(import.meta.url))` */
const declared =
  /(\bexport\s+\w+\s+)?([\w$]+)\s*=\s*(?:[\w$]+\.)*dirname\(\s*(?:[\w$]+\.)*fileURLToPath\(\s*import\.meta\.url\s*\)\s*\)/g;

/** The address of the module goes where its text does not tell. */
const given = /(?:(?<![=!<>])=|\bdirname\()\s*import\.meta\.url\b(?!\s*[=!.])/;

/** A path in quotes, no part of which is made at run time. */
const quoted = /"[^"\n]*"|'[^'\n]*'|`[^`$\n]*`/;

/** What follows a folder: `, "views", "mail")`, `+ "/views"`, or in a template `}/views`. */
const following = `(?:\\s*\\}(\\/[^\`$\\n]*)|((?:\\s*[,+]\\s*(?:${quoted.source}))+))`;

/** `new URL("./views/", import.meta.url)`, and the part that is known of `./views/${name}`. */
const addresses =
  /\bnew\s+URL\(\s*["'`](\.[^"'`$\n?#]*)(\$\{[^"'`\n]*)?["'`]\s*,\s*import\.meta\.url\b/g;

/** What Express and its like look for from the working directory. */
const served =
  /\b(?:express\.static|serveStatic)\(\s*(?:\{\s*root:\s*)?(["'`])(?!\/)([^"'`$\n]+)\1/g;

const viewEngine = /\.set\(\s*["']view engine["']\s*,\s*["']([\w@/.-]+)["']/g;
const ownViews = /\.set\(\s*["']views["']/;

/** `response.render("mail.pug")` */
const rendered = /\.render\(\s*["'`][^"'`\n]*\.(\w+)["'`]/g;

/** The view engines that a module of Express's names: packages that are loaded by a name made at run time. */
export function viewEngines(text: string): string[] {
  const names = [viewEngine, rendered].flatMap((pattern) => [...text.matchAll(pattern)]);
  return [...new Set(names.map(([, name = ""]) => name))];
}

/** What a module reads by its own place, or from the working directory. */
function readsOf(text: string, module: string, directory: string): Read[] {
  const own = dirname(module);
  const found: Read[] = [];
  const find = (base: string, from: string, more: Partial<Read>): void => {
    for (const match of text.matchAll(new RegExp(base + following, "g"))) {
      const [whole, template, rest = ""] = match;
      const isCut = text[match.index + whole.length] === "$";
      const path = template === undefined
        ? [...rest.matchAll(new RegExp(quoted, "g"))].map(([part]) => part.slice(1, -1)).join("/")
        : isCut
        ? template.slice(0, template.lastIndexOf("/"))
        : template;
      found.push({ index: match.index, path: resolve(from, `./${path}`), ...more });
    }
  };

  const folders = [...text.matchAll(declared)];
  const names = ["__dirname", ...folders.map(([, , name = ""]) => name.replaceAll("$", "\\$"))];
  const named = `(?<![\\w$.])(?:${[...new Set(names)].join("|")}|import\\.meta\\.dir(?:name)?)\\b`;
  find(named, own, {});
  const known = found.length;
  find("\\bprocess\\.cwd\\(\\)", directory, { fromDirectory: true });
  for (const { index, 1: path = "", 2: made } of text.matchAll(addresses)) {
    const named = resolve(own, made === undefined ? path : path.slice(0, path.lastIndexOf("/")));
    // A file that is named in this way is embedded.
    if (isFolder(named)) found.push({ index, path: named });
  }
  for (const { index, 2: path = "" } of text.matchAll(served)) {
    found.push({ index, path: resolve(directory, path), fromDirectory: true });
  }
  if (!ownViews.test(text)) {
    for (const { index } of text.matchAll(viewEngine)) {
      found.push({ index, path: join(directory, "views"), fromDirectory: true });
    }
  }

  const mentions = [...text.matchAll(new RegExp(named, "g"))];
  const exported = folders.some(([, isExported]) => isExported !== undefined);
  const first = given.exec(text) ??
    (exported || mentions.length > known + folders.length ? mentions[0] : undefined);
  if (first !== undefined) found.push({ index: first.index });
  return found;
}

/** What there is to say of a module, one line each. */
export interface PlaceWarnings {
  /** Of what it reads and the executable lacks. */
  reads: string[];
  /** Of what its text does not tell: of the first such module it is said, and the others follow from it. */
  unknown?: string;
}

/**
 * What there is to say of what a module reads and the executable lacks.
 *
 * @param project The folder below which `--asset` can name something.
 * @param assets What it names.
 */
export function placeWarnings(
  text: string,
  module: string,
  { directory, project, assets }: {
    directory: string;
    project: string;
    assets: readonly string[];
  },
): PlaceWarnings {
  const reads = new Set<string>();
  let unknown: string | undefined;
  for (const { index, path, fromDirectory } of readsOf(text, module, directory)) {
    const lineStart = text.lastIndexOf("\n", index) + 1;
    const line = text.slice(lineStart, index);
    // A comment; and what is run, of which workers have their own warning.
    if (/^\s*(?:\/\/|\*)|\bnew\s+Worker\b/.test(line)) continue;
    const where = `${module}:${text.slice(0, index).split("\n").length}`;
    if (path === undefined) {
      if (assets.length > 0) continue;
      unknown =
        `${where} makes paths of its own place, and the text does not tell of which files: ` +
        "name those that it reads with --asset, or they are not in the executable";
      continue;
    }
    const isKnown = assets.some((asset) => isBelow(path, asset) || isBelow(asset, path));
    if (isBelow(project, path) || !existsSync(path)) continue;
    const shown = relative(directory, path);
    if (fromDirectory) {
      reads.add(
        `${where} reads ${shown} from the working directory, where it must be when the executable ` +
          "runs" + (isKnown ? ": --asset is for what is read by __dirname or import.meta.dir" : ""),
      );
    } else if (!isKnown) {
      reads.add(
        isBelow(path, project)
          ? `${where} reads ${shown} beside itself, which is not in the executable: add --asset ${shown}`
          : `${where} reads ${path}, which is not in the executable: it must be there when that runs`,
      );
    }
  }
  return { reads: [...reads], ...(unknown === undefined ? {} : { unknown }) };
}

const ownFolderWanted = /\bprocess\.chdir\(\s*__dirname\s*\)/;

/** Why a module cannot be bundled that makes its own folder the working directory, as Next.js does. */
export function wantsOwnFolder(text: string, module: string): string | undefined {
  const found = ownFolderWanted.exec(text);
  return found === null
    ? undefined
    : `${module}:${
      text.slice(0, found.index).split("\n").length
    } makes its own folder the working ` +
      "directory and loads what lies there: build it with --extract, which keeps the folder as it is";
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** What a module may ask of its own place, and what it is called where that is said. */
const asked = /\bimport\.meta\.(url|dirname|dir|path|filename)\b/g;

/** The URL of a module means something else to a bundler: what it resolves is a part of the program. */
const bundled = /(?:\bcreateRequire\(\s*|\bnew\s+URL\(\s*["'`]\.\/beside\/[^"'`]*["'`]\s*,\s*)$/;

/**
 * A module that finds its own place in the executable: where it would lie if the project lay there.
 *
 * @param text Its source, in which literal paths are those in the executable already.
 * @param place The absolute path that it has there.
 */
export function placed(text: string, place: string): string {
  const values: Record<string, string> = {
    url: pathToFileURL(place).href,
    dirname: dirname(place),
    dir: dirname(place),
    path: place,
    filename: place,
  };
  const declarations: string[] = [];
  const declare = (name: string, value = ""): void => {
    const declaration = `var ${name}=${JSON.stringify(value)};`;
    if (!declarations.includes(declaration)) declarations.push(declaration);
  };
  const body = text.replace(asked, (whole, what: string, index: number) => {
    if (bundled.test(text.slice(Math.max(0, index - 200), index))) return whole;
    declare(`hurricane_${what}`, values[what]);
    return `hurricane_${what}`;
  });
  for (const [name, value] of [["__dirname", values["dir"]], ["__filename", place]] as const) {
    const isOwn = new RegExp(`\\b(?:const|let|var)\\s+${name}\\b`).test(text);
    if (!isOwn && new RegExp(`\\b${name}\\b`).test(text)) declare(name, value);
  }
  // On the first line, so that all lines keep their numbers.
  const [hashbang = ""] = /^#!.*\n/.exec(body) ?? [];
  return hashbang + declarations.join("") + body.slice(hashbang.length);
}
