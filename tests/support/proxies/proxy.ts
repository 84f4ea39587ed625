import { Program, run } from "../program.ts";
import { TempDir } from "../temp_dir.ts";
import { request } from "../http.ts";
import { signal } from "../processes.ts";
import { eventually } from "../wait.ts";
import { environment, type Kind, type Place } from "./kinds.ts";
import { Page, type Ports, type Variant } from "./page.ts";

/** A proxy with a configuration of its page. */
export class Proxy implements AsyncDisposable {
  readonly url: string;
  readonly #dir: TempDir;
  readonly #program: Program;

  private constructor(kind: Kind, variant: Variant, ports: Ports) {
    this.url = `http://127.0.0.1:${ports.proxy}/`;
    this.#dir = new TempDir();
    const place = written(kind, variant, ports, this.#dir);
    this.#program = new Program({
      file: kind.program,
      args: kind.run(place),
      env: environment(place.dir),
    });
  }

  /** Starts it, and waits until it answers in HTTP; with 200, where its servers are there. */
  static async start(
    kind: Kind,
    variant: Variant,
    ports: Ports,
    answers: (status: number) => boolean = (status) => status === 200,
  ): Promise<Proxy> {
    const proxy = new Proxy(kind, variant, ports);
    const ended = proxy.#program.ended.then(({ code, stderr }) => {
      throw new Error(`${kind.program} ended with ${code}: ${stderr}`);
    });
    const answered = eventually(
      `an answer through ${kind.name}`,
      () => request(proxy.url).then(({ status }) => answers(status), () => false),
    );
    // Whichever comes second has nobody who waits for it.
    ended.catch(() => {});
    answered.catch(() => {});
    try {
      await Promise.race([answered, ended]);
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
    return proxy;
  }

  /** Asks it to end, which ends its workers too: nginx writes its title over the mark of a program. */
  async [Symbol.asyncDispose](): Promise<void> {
    signal(this.#program.pid, "SIGTERM");
    await this.#program.ended;
    await this.#program[Symbol.asyncDispose]();
    this.#dir[Symbol.dispose]();
  }
}

/** Has the proxy look at a configuration of its page; gives what it does not like. */
export async function refused(
  kind: Kind,
  variant: Variant,
  ports: Ports,
): Promise<string | undefined> {
  if (kind.check === undefined) {
    return await Proxy.start(kind, variant, ports, () => true)
      .then((proxy) => proxy[Symbol.asyncDispose]()).then(() => undefined, String);
  }
  using dir = new TempDir();
  const place = written(kind, variant, ports, dir);
  const { code, stdout, stderr } = await run({
    file: kind.program,
    args: kind.check(place),
    env: environment(place.dir),
  });
  return code === 0 ? undefined : `${stdout}${stderr}`;
}

function written(kind: Kind, variant: Variant, ports: Ports, dir: TempDir): Place {
  const page = new Page(kind.name);
  const place = { dir: dir.path, page, ports };
  let text = page.configuration(variant, ports);
  if (kind.listens !== undefined) {
    const [onPage, loopback] = kind.listens;
    const listens = onPage.replace("8080", String(ports.proxy));
    if (!text.includes(listens)) {
      throw new Error(`the page of ${kind.name}, "${variant}": it has no "${onPage}"`);
    }
    text = text.replace(listens, loopback(ports.proxy));
  }
  dir.file(kind.file, text);
  for (const [name, around] of Object.entries(kind.around?.(place) ?? {})) dir.file(name, around);
  return place;
}
