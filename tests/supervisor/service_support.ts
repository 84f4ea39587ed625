/**
 * Services for tests: the real thing, around a handler in this process or in one of its own.
 *
 * @module
 */
import { type Answer, request, type RequestOptions } from "../support/http.ts";
import { handlerFrom, type ModuleExports } from "../../src/app/handler.ts";
import { resolveOptions } from "../../src/options/resolve.ts";
import type { ServeInput } from "../../src/options/serve_input.ts";
import { AppProcess } from "../../src/supervisor/process/app_process.ts";
import { LocalApp } from "../../src/supervisor/process/local_app.ts";
import { productionFront } from "../../src/supervisor/front/choose.ts";
import type { Launch } from "../../src/supervisor/workers/launch.ts";
import { Service } from "../../src/supervisor/service.ts";
import { TempDir } from "../support/temp_dir.ts";
import "../support/workers.ts";

/** A service that is killed when it is disposed of, with what a test wants to do with it. */
export class TestService implements AsyncDisposable {
  readonly service: Service;
  readonly dir: TempDir = new TempDir();

  /** Around a launch of one's own. */
  constructor(options: ServeInput, launch: Launch, oneOnly = false) {
    const loopback = { port: 0, host: "127.0.0.1", shutdownDelay: 0 };
    const resolved = resolveOptions({ ...loopback, ...options }, {});
    this.service = new Service(resolved, productionFront(resolved, launch, { oneOnly }));
  }

  /** Around a module in this process. */
  static local(module: ModuleExports, options: ServeInput = {}): TestService {
    const handler = handlerFrom("it", module);
    const launch: Launch = (app, respond) => new LocalApp(handler, app, respond);
    return new TestService(options, launch, true);
  }

  /** Around a module, given as source, in a process of its own. `FOLDER` in it is {@linkcode dir}. */
  static process(source: string, options: ServeInput = {}): TestService {
    const test: TestService = new TestService(
      options,
      (options, respond) => new AppProcess({ handler, options }, respond),
    );
    const handler = test.dir.file("handler.ts", source.replaceAll("FOLDER", test.dir.path));
    return test;
  }

  /** {@linkcode Service.start}, and gives itself. */
  async started(): Promise<this> {
    await this.service.start();
    return this;
  }

  /** One request to the handler. */
  get(path = "/", options?: RequestOptions): Promise<Answer> {
    return request(this.service.url + path, options);
  }

  /** A probe's status and text. */
  async probe(path: string): Promise<[number, string]> {
    const { status, text } = await request(this.service.probeUrl + path);
    return [status, text.trimEnd()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.service.phase === "serving") await this.service.stop();
    this.dir[Symbol.dispose]();
  }
}
