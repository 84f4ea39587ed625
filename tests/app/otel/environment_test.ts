import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  endpointOf,
  isDisabled,
  tracingEnvironment,
  TracingError,
} from "../../../src/app/otel/environment.ts";

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };

describe("OpenTelemetry's variables", () => {
  test("say by default what the standard does", () => {
    assertEquals(tracingEnvironment(endpoint), {
      sampling: { parentBased: true, root: "always_on", ratio: 1 },
      propagators: ["tracecontext", "baggage"],
      exported: true,
    });
  });

  test("choose sampler and propagators, and what is empty chooses nothing", () => {
    const { sampling, propagators } = tracingEnvironment({
      ...endpoint,
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
      OTEL_PROPAGATORS: "none",
      OTEL_TRACES_EXPORTER: "",
    });
    assertEquals(sampling, { parentBased: false, root: "traceidratio", ratio: 0.25 });
    assertEquals(propagators, []);
  });

  test("need no collector where nothing is sent", () => {
    assertEquals(tracingEnvironment({ OTEL_TRACES_EXPORTER: "none" }).exported, false);
    assertEquals(isDisabled({ OTEL_SDK_DISABLED: "TRUE" }), true);
    assertEquals(isDisabled({ OTEL_SDK_DISABLED: "1" }), false);
  });

  test("name the collector of traces before that of all", () => {
    const traces = "https://traces/v1/traces";
    assertEquals(
      endpointOf({ ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces })?.url,
      traces,
    );
  });

  const wrong: Record<string, string | undefined>[] = [
    { OTEL_EXPORTER_OTLP_ENDPOINT: undefined },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "collector" },
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "grpc://collector:4317" },
    { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" },
    { OTEL_TRACES_SAMPLER: "jaeger_remote" },
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "25%" },
    { OTEL_PROPAGATORS: "tracecontext,b3" },
    { OTEL_TRACES_EXPORTER: "zipkin" },
  ];
  for (const variables of wrong) {
    const [name = "", value] = Object.entries(variables).at(-1) ?? [];
    test(`are refused with their name and value: ${name}=${value}`, () => {
      const { message } = assertThrows(
        () => tracingEnvironment({ ...endpoint, ...variables }),
        TracingError,
      );
      const shown = value?.split(",").at(-1) ?? "";
      assertEquals([message.includes(name), message.includes(shown)], [true, true], message);
    });
  }
});
