import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder for one test. */
export class TempDir implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "hurricane-test-")));

  /** Writes a file, with the folders that it needs, and returns its path. */
  file(name: string, content: string | Uint8Array, mode = 0o644): string {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
