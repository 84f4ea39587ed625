/**
 * What the benchmark tells a contender on its command line.
 *
 * @module
 */
import process from "node:process";

const [scenario = "text", port = "8000", probePort = "8001", log = ""] = process.argv.slice(2);

/** The handler: a file of `handlers/`, or a route of an app that is written for its framework. */
export const given = {
  scenario,
  port: Number(port),
  probePort: Number(probePort),
  accessLog: log === "access-log",
  hostname: "127.0.0.1",
};

/** The handler of the scenario, with what its module exports as the default. */
export async function givenHandler(): Promise<
  { fetch: (request: Request) => Response | Promise<Response> }
> {
  const { default: handler } = await import(`./handlers/${scenario}.ts`);
  return handler;
}
