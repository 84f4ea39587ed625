/**
 * The candidate that a misspelt word most probably stands for, or `undefined` where none is near.
 *
 * Near means at most one slip in three letters. A slip is a letter that is missing, superfluous or
 * wrong, or two neighbours that have changed places. How words are joined (`req-queue-len`,
 * `reqQueueLen`, `REQ_QUEUE_LEN`) does not count, nor does what all options have in common, the
 * dashes of a flag and the prefix of a variable.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.floor(bare(word).length / 3) + 1;
  for (const candidate of candidates) {
    const distance = slips(bare(word), bare(candidate));
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** `; did you mean X?`, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function bare(word: string): string {
  return word.replace(/^(-+|HURRICANE_)/, "").replace(/[-_]/g, "").toLowerCase();
}

/** The optimal string alignment distance, row by row. */
function slips(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? least) + 1);
      }
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
