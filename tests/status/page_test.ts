import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { renderPage, renderSections } from "../../src/status/page.tsx";
import { modelOf } from "./model.ts";

describe("the page", () => {
  test("escapes every text that it shows", () => {
    const html = renderPage(modelOf(`<img src=x onerror="alert(1)">&amp;'`));
    assertFalse(html.includes("<img"), html);
    const escaped = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;amp;";
    // As often as the model has it: in title and heading, too.
    assertEquals(html.split(escaped).length - 1, 24, html);
  });

  test("has nothing in it that its policy forbids", () => {
    const html = renderPage(modelOf("x"));
    assertFalse(/\sstyle=|\son\w+=|<style|javascript:/.test(html), html);
    assertEquals(html.match(/<script[^>]*>[^<]*/g), ['<script src="status/script.js" defer="">']);
  });

  test("says what is the matter", () => {
    const sections = renderSections(modelOf("why"));
    assertEquals(sections["title"], "serving – why – Hurricane");
    assertMatch(sections["workers"] ?? "", /1 of 2 missing.*4711.*64mb.*crash 2/s);
    assertMatch(
      sections["probes"] ?? "",
      /500.*failed.*why \(3 ms\): why.*{&quot;text&quot;:&quot;why&quot;}/s,
    );
    assertMatch(sections["load"] ?? "", /3 of 10.*1 in the handler, 2 in the kernel/s);
    assertStringIncludes(sections["load"] ?? "", "Now: 50 % 100 ms, 95 % 200 ms, 99 % 300 ms");
    assertStringIncludes(sections["load"] ?? "", "Now: all workers 128mb; at most 128mb");
    assertStringIncludes(sections["commands"] ?? "", "failed</strong> in 2 s");
    assertMatch(sections["webhooks"] ?? "", /why<\/strong> at <time/);
    assertMatch(sections["messages"] ?? "", /not taken<\/strong> from why.*<p class="detail">why/s);
    assertStringIncludes(
      (sections["messages"] ?? "").replace(/<[^>]*>/g, " ").replace(/\s+/g, " "),
      "why why 7 8 2.5 11 12 13 14",
    );
  });

  test("says what there is none of", () => {
    const { messages: _, ...model } = modelOf("x");
    const sections = renderSections({
      ...model,
      counts: false,
      workers: [],
      restarts: [],
      happenings: [],
      commands: [],
      webhooks: [],
      messages: undefined,
      reloading: false,
      samples: [],
      log: [],
      probes: [{ type: "startup", path: "/s", answer: undefined }],
    });
    const said: Record<string, string> = {
      load: "not counted (--no-metrics)",
      workers: "None is up.",
      commands: "--command",
      webhooks: "--webhook-url",
      messages: "--amqp-url",
      reloads: "--autoreload",
      servers: "None is adopted.",
      log: "Nothing yet.",
      probes: "Not asked yet.",
    };
    for (const [id, text] of Object.entries(said)) {
      assertStringIncludes(sections[id] ?? "", text, id);
    }
  });
});
