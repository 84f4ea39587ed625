import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { readVariables } from "../../src/options/environment.ts";
import type { Environment } from "../../src/options/option.ts";
import { serveFlags } from "../../src/options/serve_table.ts";
import { UsageError } from "../../src/options/usage_error.ts";

function given(environment: Environment): Record<string, unknown> {
  const { given } = readVariables(environment, serveFlags);
  return Object.fromEntries([...given.values()].map(({ name, value }) => [name, value]));
}

function warnings(environment: Environment): string[] {
  return readVariables(environment, serveFlags).warnings;
}

describe("PORT", () => {
  test("is read where HURRICANE_PORT is not given", () => {
    assertEquals(given({ PORT: "80" }), { PORT: "80" });
    assertEquals(given({ PORT: "80", HURRICANE_PORT: "" }), { PORT: "80" });
    assertEquals(given({ PORT: "80", HURRICANE_PORT: "81" }), { HURRICANE_PORT: "81" });
  });

  test("and other variables without the prefix are nobody's business", () => {
    assertEquals(readVariables({ HOST: "x", PATH: "y", NO_METRICS: "1" }, serveFlags), {
      given: new Map(),
      warnings: [],
    });
  });
});

describe("the variables of a Kubernetes Service", () => {
  const links = {
    HURRICANE_SERVICE_HOST: "10.0.0.1",
    HURRICANE_SERVICE_PORT: "80",
    HURRICANE_SERVICE_PORT_HTTP: "80",
    HURRICANE_PORT_80_TCP: "tcp://10.0.0.1:80",
    HURRICANE_PORT_80_TCP_PROTO: "tcp",
    HURRICANE_PORT_80_TCP_PORT: "80",
    HURRICANE_PORT_80_TCP_ADDR: "10.0.0.1",
    HURRICANE_PORT_53_UDP: "udp://10.0.0.1:53",
    HURRICANE_OPS_PORT: "tcp://10.0.0.2:80",
    HURRICANE_OPS_SERVICE_HOST: "10.0.0.2",
  };

  test("are passed over", () => {
    assertEquals(readVariables(links, serveFlags), { given: new Map(), warnings: [] });
  });

  test("do not set the port, and say so", () => {
    const environment = { ...links, HURRICANE_PORT: "tcp://10.0.0.1:80", PORT: "9000" };
    assertEquals(given(environment), { PORT: "9000" });
    assertEquals(warnings(environment).length, 1);
    assertMatch(warnings(environment)[0] ?? "", /^HURRICANE_PORT is ignored: "tcp:.*Service/);
    assertEquals(given({ PORT: "tcp://10.0.0.1:80" }), {});
    assertMatch(warnings({ PORT: "tcp://10.0.0.1:80" })[0] ?? "", /^PORT is ignored/);
  });

  test("do not set the probe port either, where the Service is called hurricane-probe", () => {
    for (const protocol of ["tcp", "udp", "sctp"]) {
      const environment = { HURRICANE_PROBE_PORT: `${protocol}://10.0.0.1:80` };
      assertEquals(given(environment), {});
      assertEquals(warnings(environment).length, 1);
    }
  });
});

describe("unknown variables", () => {
  test("are reported with the nearest known one, and without their values", () => {
    assertEquals(warnings({ HURRICANE_PROT: "80", HURRICANE_COLOUR: "s3cret" }), [
      "HURRICANE_PROT is none of Hurricane's variables; did you mean HURRICANE_PORT?",
      "HURRICANE_COLOUR is none of Hurricane's variables",
    ]);
  });

  test("are not those that Hurricane has besides its options, or that are empty", () => {
    assertEquals(
      warnings({
        HURRICANE_RUNTIME: "deno",
        HURRICANE_INTERNAL_ROLE: "app",
        HURRICANE_EMPTY: " ",
        HURRICANE_UNSET: undefined,
        HURRICANES: "many",
      }),
      [],
    );
    assertEquals(warnings({ HURRICANE_RUNTIMES: "deno" }).length, 1);
  });
});

describe("a repeatable option's variable", () => {
  test("keeps what JSON says, and trims lines", () => {
    assertEquals(given({ HURRICANE_COMMAND: '[" a ", "b\\nc"]' }), {
      HURRICANE_COMMAND: [" a ", "b\nc"],
    });
    assertEquals(given({ HURRICANE_COMMAND: "\n a \n\n\tb\r\n" }), {
      HURRICANE_COMMAND: ["a", "b"],
    });
  });

  test("shows a broken list only where it holds no credentials", () => {
    const read = (environment: Environment) =>
      assertThrows(() => readVariables(environment, serveFlags), UsageError).message;
    assertEquals(
      read({ HURRICANE_COMMAND: '["a"' }),
      'HURRICANE_COMMAND must be one value a line, or a JSON array of strings, not "[\\"a\\""',
    );
    assertEquals(
      read({ HURRICANE_WEBHOOK_URL: '["http://u:hush@h/"' }),
      "HURRICANE_WEBHOOK_URL must be one value a line, or a JSON array of strings",
    );
  });
});
