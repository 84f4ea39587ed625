import { request } from "node:http";

/** An answer that has been read. */
export interface Told {
  status: number;
  text: string;
}

/** `GET`s something of this machine on a connection of its own. Rejects after two seconds. */
export function ask(port: number, path: string): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, path, agent: false, timeout: 2000 },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (more: string) => text += more);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on("error", reject);
      },
    );
    asked.on("timeout", () => asked.destroy(new Error(`${path}: no answer within 2 s`)));
    asked.on("error", reject);
    asked.end();
  });
}
