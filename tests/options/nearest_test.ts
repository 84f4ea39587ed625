import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { nearest, suggestion } from "../../src/options/nearest.ts";

const flags = ["--port", "--host", "--probe-port", "--command", "--command-timeout"];

test("a slip is a letter too many, too few, wrong, or swapped with its neighbour", () => {
  for (const word of ["--pport", "--prt", "--pprt", "--prot", "-port", "port"]) {
    assertEquals(nearest(word, flags), "--port", word);
  }
  assertEquals(nearest("--comand-timeuot", flags), "--command-timeout");
});

test("what is too different is not near", () => {
  for (const word of ["--workers", "--torx", "--x", "-p", "", "--", "--ports-of-call"]) {
    assertEquals(nearest(word, flags), undefined, word);
  }
  assertEquals(nearest("--port", []), undefined);
});

test("the prefix of variables does not count", () => {
  const variables = ["HURRICANE_PORT", "HURRICANE_HOST"];
  assertEquals(nearest("HURRICANE_PROT", variables), "HURRICANE_PORT");
  assertEquals(nearest("HURRICANE_TASK", variables), undefined);
});

test("how words are joined does not count", () => {
  for (const word of ["--probePort", "--probe_port", "probeport", "PROBE_PORT", "--ProbePrt"]) {
    assertEquals(nearest(word, flags), "--probe-port", word);
  }
  assertEquals(
    nearest("HURRICANE_REQQUEUELEN", ["HURRICANE_REQ_QUEUE_LEN"]),
    "HURRICANE_REQ_QUEUE_LEN",
  );
  assertEquals(nearest("req-queue-len", ["port", "reqQueueLen"]), "reqQueueLen");
});

test("the nearest of several wins", () => {
  assertEquals(nearest("--prob-port", flags), "--probe-port");
  assertEquals(nearest("--commands", flags), "--command");
  assertEquals(nearest("--probe-pork", ["--probe-port", "--probe-host"]), "--probe-port");
});

test("a word of four letters and more is near after one slip, wherever it is", () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(), (word, seed) => {
    const at = seed % word.length;
    assertEquals(nearest(word.slice(0, at) + word.slice(at + 1), [word]), word);
    assertEquals(nearest(`${word.slice(0, at)}_${word.slice(at)}`, [word]), word);
    assertEquals(nearest(`${word.slice(0, at)}_${word.slice(at + 1)}`, [word]), word);
    assertEquals(nearest(word, [word]), word);
  }));
});

test("a suggestion is part of a sentence", () => {
  assertEquals(suggestion("--prot", flags), "; did you mean --port?");
  assertEquals(suggestion("--workers", flags), "");
});
