import { listenToLog, type LogLevel } from "../log.ts";
import { cut } from "../log/line.ts";
import { performance } from "../natives.ts";

/** A line of the log as the supervisor is told it. */
export interface ToldLine {
  /** In milliseconds since 1970. */
  time: number;
  level: LogLevel;
  part: string;
  message: string;
}

/** How many lines are told in how many milliseconds: whoever wants all of them reads the log. */
const [most, period] = [20, 250];

/** How long a message may be, in characters. */
const longest = 2000;

/** Tells the supervisor what this process logs, for the status page. */
export function tellLog(tell: (line: ToldLine) => void): void {
  let [count, began] = [0, 0];
  listenToLog(({ time, level, part, message }) => {
    const now = performance.now();
    if (now - began > period) [count, began] = [0, now];
    if (++count <= most) {
      tell({ time: time.getTime(), level, part, message: cut(message, longest) });
    }
  });
}
