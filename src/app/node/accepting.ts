import { describe } from "../../errors.ts";
import { logger } from "../../log.ts";
import { type NodeListener, runtime } from "../../runtime/mod.ts";
import { clearInterval, setInterval } from "../../natives.ts";

const log = logger("handler");

/** How often it is looked, in milliseconds. */
const interval = 400;

/** How many looks in a row must find the same: an event loop that is behind accepts some in between. */
const looks = 2;

/**
 * Notices that a server accepts no connection any more although it listens, as one on Deno 2.9 does for
 * ever after it had no file descriptor left for one, without a word. Looks only where none has come, and
 * only where the kernel can be asked.
 *
 * @param stopped called once, when connections wait in vain
 * @returns ends it
 */
export function watchAccepting(
  { port, accepted }: Pick<NodeListener, "port" | "accepted">,
  stopped: () => void,
): () => void {
  if (accepted === undefined || !runtime.systemCalls) return () => {};
  // Late: it is for one runtime. Not later, for then there may be no descriptor to read it with.
  const steering = import("../steering.ts");
  let before = accepted();
  let inVain = 0;
  const end = (): void => clearInterval(timer);
  const timer = setInterval(() => {
    const now = accepted();
    if (now !== before) inVain = 0;
    before = now;
    steering.then(({ unacceptedOn }) => {
      const waiting = unacceptedOn(port);
      inVain = waiting > 0 && accepted() === before ? inVain + 1 : 0;
      if (inVain <= looks) return;
      end();
      stopped();
    }).catch((error: unknown) => {
      // There may be one again at the next look.
      if ((error as NodeJS.ErrnoException).code === "EMFILE") return;
      end();
      log.debug("whether connections wait is not known: {error}", { error: describe(error) });
    });
  }, interval);
  timer.unref();
  return end;
}
