import type { RequestCounters } from "../metrics/requests.ts";
import type { Runtime } from "../runtime/runtime.ts";

/**
 * After so many answers in a row without a `Content-Length` only one in `passed + 1` is looked at, until
 * one has it: both runtimes make an object of the headers when somebody looks, which costs a request of
 * a plain text 5 % of its time.
 */
const [longRun, passed] = [1000, 31];

/**
 * Counts the sizes of answers, where they tell theirs.
 *
 * @param untouched knows most of those that do not
 */
export function sizeRecorder(
  counters: RequestCounters,
  untouched?: Runtime["untouched"],
): (answer: Response) => void {
  /** How many answers in a row had no `Content-Length`, and how many are let pass unseen now. */
  let without = 0;
  let unseen = 0;
  return (answer) => {
    if (untouched?.(answer)) return;
    if (unseen > 0) {
      unseen--;
      return;
    }
    const length = answer.headers.get("content-length");
    if (length !== null) {
      counters.recordBodySize(Number(length));
      without = 0;
    } else if (++without > longRun) unseen = passed;
  };
}
