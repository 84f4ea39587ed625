/**
 * The kinds of requests that throughput is measured with.
 *
 * @module
 */
import { greeting, pieces, record } from "./contenders/work.ts";

/** One kind of request, and what every contender has to answer. */
export interface Scenario {
  name: string;
  title: string;
  /** The file in `contenders/handlers/`, and the route of the frameworks' apps. */
  handler: string;
  path: string;
  method: "GET" | "POST";
  /** Bytes of the request's body. */
  bodySize: number;
  answer: string;
  contentType: "text/plain" | "application/json";
  accessLog: boolean;
  /** Processes that run the handler; where it is given, the server has both processors. */
  workers?: number;
}

const plain: Scenario = {
  name: "text",
  title: "plain text",
  handler: "text",
  path: "/",
  method: "GET",
  bodySize: 0,
  answer: greeting,
  contentType: "text/plain",
  accessLog: false,
};

const postSize = 10 * 1024;

/** Everything that is measured for throughput. */
export const scenarios: readonly Scenario[] = [
  plain,
  {
    ...plain,
    name: "json",
    title: "JSON of 1 kB",
    handler: "json",
    answer: JSON.stringify(record),
    contentType: "application/json",
  },
  {
    ...plain,
    name: "post",
    title: "POST of 10 kB",
    handler: "post",
    method: "POST",
    bodySize: postSize,
    answer: String(postSize),
  },
  { ...plain, name: "await", title: "a handler that awaits", handler: "await" },
  {
    ...plain,
    name: "hono",
    title: "Hono with five routes",
    handler: "hono",
    path: "/users/42",
    answer: "user 42",
  },
  {
    ...plain,
    name: "stream",
    title: "64 kB streamed",
    handler: "stream",
    answer: [...pieces()].map((piece) => new TextDecoder().decode(piece)).join(""),
  },
  { ...plain, name: "access-log", title: "plain text, access log", accessLog: true },
  { ...plain, name: "burn", title: "1 ms of CPU, 1 worker", handler: "burn", workers: 1 },
  { ...plain, name: "burn-2", title: "1 ms of CPU, 2 workers", handler: "burn", workers: 2 },
];

/** The plain text, where the scenario does not matter. */
export const plainText = plain;
