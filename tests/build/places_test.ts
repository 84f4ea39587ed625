import { join } from "node:path";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { placed, placeWarnings, viewEngines, wantsOwnFolder } from "../../src/build/places.ts";
import { TempDir } from "../support/temp_dir.ts";

/** What is said of a module in a project with some folders, in which it lies in `lib`. */
function said(text: string, assets: string[] = []): string[] {
  using dir = new TempDir();
  for (const file of ["views/a.ejs", "public/a.css", "lib/note.txt", "lib/public/b.css"]) {
    dir.file(file, "");
  }
  const { reads, unknown } = placeWarnings(text, join(dir.path, "lib/module.js"), {
    directory: dir.path,
    project: dir.path,
    assets: assets.map((path) => join(dir.path, path)),
  });
  return [...reads, ...unknown === undefined ? [] : ["unknown"]]
    .map((line) => line.replaceAll(`${dir.path}/`, ""));
}

const lacking = (path: string, line = 1) =>
  `lib/module.js:${line} reads ${path} beside itself, which is not in the executable: add --asset ${path}`;
const ofDirectory = (path: string) =>
  `lib/module.js:1 reads ${path} from the working directory, where it must be when the executable runs`;

describe("what a module reads by its own place", () => {
  const here = "const here = path.dirname(fileURLToPath(import.meta.url));";
  const known: Record<string, [text: string, path: string]> = {
    "join": [`app.set("views", path.join(__dirname, "..", "views"))`, "views"],
    "resolve, in single quotes": [`resolve(__dirname, '../public')`, "public"],
    "a sum": [`express.static(__dirname + "/public")`, "lib/public"],
    "a template": ["read(`${__dirname}/note.txt`)", "lib/note.txt"],
    "a template that goes on": ["read(`${__dirname}/../views/${name}.ejs`)", "views"],
    "import.meta.dir": [`join(import.meta.dir, "public")`, "lib/public"],
    "import.meta.dirname": [`join(import.meta.dirname, "note.txt")`, "lib/note.txt"],
    "a folder made of the module's address": [`${here} join(here, "public")`, "lib/public"],
    "an address of a folder": [`new URL("./public/", import.meta.url)`, "lib/public"],
    "an address that goes on": ["new URL(`./public/${name}`, import.meta.url)", "lib/public"],
  };
  for (const [what, [text, path]] of Object.entries(known)) {
    test(`${what} is told of`, () => assertEquals(said(text), [lacking(path)]));
    test(`${what} is not told of where it is embedded`, () => {
      assertEquals(said(text, [path]), []);
      assertEquals(said(text, ["views", "public", "lib"]), []);
    });
  }

  test("has its line", () => {
    assertEquals(said(`\n\njoin(__dirname, "note.txt")`), [lacking("lib/note.txt", 3)]);
  });

  const unknown: Record<string, string> = {
    "a folder that is passed on": "const root = __dirname; serve(root);",
    "an exported folder": "export const dir = dirname(fileURLToPath(import.meta.url));",
    "an address that is passed on": "globalThis.__main__ = import.meta.url;",
    "a walk upwards": "let folder = path.dirname(import.meta.url);",
  };
  for (const [what, text] of Object.entries(unknown)) {
    test(`${what} is not known`, () => {
      assertEquals(said(text), ["unknown"]);
      assertEquals(said(text, ["views"]), []);
    });
  }

  const silent: Record<string, string> = {
    "a file with an address, which is embedded": `new URL("./note.txt", import.meta.url)`,
    "what is not there": `join(__dirname, "uploads")`,
    "the project itself": `join(__dirname, "..")`,
    "what lies above it": `join(__dirname, "../..")`,
    "a comment": `// join(__dirname, "public")`,
    "require": `const require = createRequire(import.meta.url);`,
    "a comparison": `if (import.meta.url === pathToFileURL(process.argv[1]).href) run();`,
    "a folder that is not used": here,
    "a name of one's own": `join(my__dirname, "public")`,
  };
  for (const [what, text] of Object.entries(silent)) {
    test(`nothing is said of ${what}`, () => assertEquals(said(text), []));
  }
});

describe("what a module reads from the working directory", () => {
  const texts: Record<string, string> = {
    "join": `path.join(process.cwd(), "public")`,
    "express.static": `app.use(express.static("public"))`,
    "serveStatic": `app.use(serveStatic({ root: "./public" }))`,
  };
  for (const [what, text] of Object.entries(texts)) {
    test(`${what} is told of`, () => assertEquals(said(text), [ofDirectory("public")]));
  }

  test("views of Express are, where nobody has said where they lie", () => {
    assertEquals(said(`app.set("view engine", "ejs")`), [ofDirectory("views")]);
    assertEquals(said(`app.set("views", places.views); app.set("view engine", "ejs")`), []);
  });

  test("--asset is no help there", () => {
    const [line] = said(`express.static("public")`, ["public"]);
    assertEquals(
      line,
      `${ofDirectory("public")}: --asset is for what is read by __dirname or import.meta.dir`,
    );
  });
});

describe("a module in the executable", () => {
  const inIt = (text: string) => placed(text, "/$bunfs/root/lib/module.js");
  /** What an expression comes to in such a module. */
  const value = (text: string) => new Function(`${inIt(`const value = ${text};`)} return value;`)();

  test("has its place there", () => {
    assertEquals(value("__dirname"), "/$bunfs/root/lib");
    assertEquals(value("__filename"), "/$bunfs/root/lib/module.js");
    assertEquals(value("import.meta.dir"), "/$bunfs/root/lib");
    assertEquals(value("import.meta.dirname"), "/$bunfs/root/lib");
    assertEquals(value("import.meta.path"), "/$bunfs/root/lib/module.js");
    assertEquals(value("import.meta.url"), "file:///$bunfs/root/lib/module.js");
  });

  test("keeps its lines, and what starts the first one", () => {
    const text = "#!/usr/bin/env node\nread(__dirname);\n";
    const { length } = text.split("\n");
    assertEquals(inIt(text).split("\n").length, length);
    assertEquals(inIt(text).startsWith("#!/usr/bin/env node\n"), true);
  });

  test("is left alone where its place is its own business or a bundler's", () => {
    for (
      const text of [
        `createRequire(import.meta.url)("./data.json")`,
        `new URL("./beside/1/note.txt", import.meta.url)`,
        `const __dirname = "/elsewhere"; read(__dirname);`,
        "import.meta.main",
      ]
    ) assertEquals(inIt(text), text);
  });
});

test("the view engines of Express are those that are named", () => {
  const text = `app.set("view engine", "ejs"); response.render("mail/hello.pug", {});
    response.render('index'); app.set("view engine", "ejs");`;
  assertEquals(viewEngines(text), ["ejs", "pug"]);
});

test("a module that makes its folder the working directory cannot be bundled", () => {
  assertEquals(wantsOwnFolder("process.chdir('/srv')", "/a.js"), undefined);
  assertEquals(
    wantsOwnFolder("\nprocess.chdir(__dirname)", "/a.js"),
    "/a.js:2 makes its own folder the working directory and loads what lies there: build it with " +
      "--extract, which keeps the folder as it is",
  );
});
