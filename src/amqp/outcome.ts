/** What becomes of a message by the answer to it. */
export type Outcome = "acknowledged" | "retried" | "rejected";

/** Statuses that ask for another try, besides all of 5xx: RFC 9110 §15.5.9, RFC 8470, RFC 6585 §4. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** What is done by an answer's status, where there are tries left. */
export function outcomeOf(status: number): Outcome {
  if (status >= 200 && status <= 299) return "acknowledged";
  return status >= 500 || passing.has(status) ? "retried" : "rejected";
}
