/**
 * Which rows and buckets the counters of requests have, wherever they are: in the process that
 * counts, on their way to the supervisor, in what a scrape shows.
 *
 * @module
 */

/**
 * Upper bounds of the request duration buckets, in seconds: those that OpenTelemetry's HTTP metric
 * conventions advise for `http.server.request.duration`.
 */
export const durationBounds = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
] as const;

/**
 * Upper bounds of the response body size buckets, in bytes: 100 B to 10 MB.
 *
 * The conventions advise none for `http.server.response.body.size`. Sizes spread over many orders
 * of magnitude and what is asked of them is which order it is, so powers of ten: each bucket is one
 * more time series for every pod. An empty body needs no bucket; the status tells it.
 */
export const bodySizeBounds = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7] as const;

/**
 * The methods that OpenTelemetry's HTTP conventions know (RFC 9110, PATCH of RFC 5789, QUERY), and
 * the name they give all others. Compared with case, as HTTP does.
 */
export const requestMethods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
  "QUERY",
  "_OTHER",
] as const;

/** The statuses that HTTP knows. */
export const [lowestStatus, highestStatus] = [100, 599] as const;
