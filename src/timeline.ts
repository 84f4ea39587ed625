/**
 * The time-outs between the supervisor and the processes that run the handler, all in milliseconds,
 * on one line, so that one sees which comes after which.
 *
 * What happens when an event loop stands still, from its last sign of life on:
 *
 * | after  | silence | what                                                                          |
 * | ------ | ------- | ----------------------------------------------------------------------------- |
 * | 250 ms |         | the next heartbeat is due                                                     |
 * | 300 ms |     250 | silence begins to be counted, from there on in steps of 100 ms                |
 * | 500 ms |     450 | overdue: it is asked for nothing more; what nobody reads begins to be counted |
 * | 700 ms |     650 | it stands still: no answer is waited for, the last results of checks stand    |
 * | 30 s   |         | `--stall-timeout`: it is killed and replaced                                  |
 * | 31 s   |         | liveness fails, if that was of no use                                         |
 *
 * While no requests come it _rests_ and shows that it turns every two seconds, so that a service
 * which idles is hardly woken. Whatever it is asked is to be answered by then as well: from the first
 * question on the times above hold. Where nobody asks, silence begins to be counted 1.75 s later.
 *
 * @module
 */

/**
 * How long a listener that is about to close may take to accept what the kernel holds for it: as long
 * as an event loop that is busy needs for a few turns.
 */
export const queuePatience = 5000;

/**
 * How long what is in flight may still take where a listener has gone: for so long nobody can
 * connect.
 */
export const lostGrace = 1000;

/** How often an event loop shows that it turns. */
export const heartbeatInterval = 250;

/** How often it does so while it rests. */
export const restingInterval = 2000;

/** After so many heartbeats without any request it rests. */
export const restsAfter = 8;

/** A sign of life may come a little late before silence is counted: a timer is never exact. */
export const silenceBegins = 1.2 * heartbeatInterval;

/** The same of one that rests: a timer is no later for having been set longer before. */
export const restingSilenceBegins = restingInterval + silenceBegins - heartbeatInterval;

/**
 * What one look at the clock may add to a silence: while a whole container was frozen, nobody's
 * loop stood still.
 */
export const longestSilenceStep = heartbeatInterval;

/** How often silence is counted while there is some. */
export const silenceStep = 100;

/**
 * The silence at which the heartbeat was due: the first step counts for less than has passed by
 * then.
 */
export const dueSilence = heartbeatInterval - (silenceBegins - longestSilenceStep);

/**
 * The silence after which an answer would not come in time either: two steps after the heartbeat
 * was due. The worker is not asked, and what nobody reads is counted, to know it when the loop
 * stands still.
 */
export const overdueAfter = dueSilence + 2 * silenceStep;

/** The silence after which an event loop counts as standing still: another two steps later. */
export const standsStillAfter = overdueAfter + 2 * silenceStep;

/**
 * How long one waits for an answer that takes no time: as long as a kubelet waits, unless it is
 * told otherwise.
 */
export const answerTimeout = 1000;

/** How long a probe waits for a worker's newest counters: one that turns has them at once. */
export const countersTimeout = 2;

/**
 * How long a probe waits for a newer count of unread requests: the rest of its second is for the
 * answer.
 */
export const unreadTimeout = answerTimeout - 300;

/** For how long such a count stands before another one is begun: it is not cheap. */
export const unreadFresh = 200;

/**
 * A count that is older is not answered with, if a newer one can be had: it is from another probe's
 * time.
 */
export const unreadStale = answerTimeout;

/** The header in which Prometheus says for how many seconds it waits for a scrape. */
export const scrapeTimeoutHeader = "x-prometheus-scrape-timeout-seconds";

/** How long a scrape waits that does not say so: Prometheus' default `scrape_timeout`. */
export const scrapeTimeout = 10_000;

/** A scrape that says more is answered by then. */
export const longestScrapeTimeout = 60_000;

/**
 * The part of a scrape's time that the handler's own metrics may take: a `collect()` may ask a
 * database, and many series take their time to cross. The rest is for adding them up and sending them.
 */
export const scrapeShare = 0.8;

/** How long the handler's own metrics may take at its end: no stop waits for a `collect()` that hangs. */
export const lastMetricsTimeout = 1000;

/**
 * How much longer than the limit that the handler's process keeps to itself its answer is waited
 * for: as long as its event loop may be busy without that anybody would notice.
 */
export const answerMargin = heartbeatInterval;

/**
 * How often the workers are looked at for whether one is to be replaced; one that stands still is
 * given as long to answer.
 */
export const renewalInterval = 500;

/**
 * How long it may take to kill a worker whose event loop has stood still for `--stall-timeout`:
 * until the next look, and as long once more, for it is asked a last time.
 */
export const killTimeout = 2 * renewalInterval;

/**
 * How long `onShutdown` may take even if the requests in flight used all of `--shutdown-timeout`.
 */
export const onShutdownAtLeast = 5000;

/** How long it may take to send the last spans: a stop does not wait for a collector that is down. */
export const flushPatience = 3000;

/**
 * How much longer than its own limits allow a process that stops may take to say so and to exit.
 */
export const stopGrace = 1000;

/** How long one that is ended at once may take to tell what it has: any event loop that turns has the time. */
export const lastWord = 100;

/**
 * How long a process that has told of its failure may take to exit: `exit` listeners write what a
 * log has left, but some wait without an end, and nobody is served meanwhile.
 */
export const exitTimeout = 3000;

/** How long after its exit the last messages of a process are waited for. */
export const lastWordsTimeout = 1000;

/**
 * How long it is waited, after a handler has opened a server, until that is told that it listens, although
 * it is not known yet whether it is adopted: the import may be waiting for that.
 */
export const adoptionGrace = 250;

/**
 * How long an import may take after that, until the first server is adopted although it has not ended: it
 * may never end.
 */
export const importPatience = 10_000;

/** When it is first said that a start or a command takes long; each pause after that is twice as long. */
export const stillWaiting = 5000;

/** How often a process says what it waits for after its import: more often than that is logged. */
export const waitingTold = 1000;

/**
 * The silence after which the log says that an event loop stands still: as long as a kubelet waits for a
 * probe, and longer than collecting garbage takes.
 */
export const standstillTold = 1000;

/** How often refused requests are looked for, to tell the log of them. */
export const refusalsLooked = 1000;

/** Of what happens again and again, the log tells so often. */
export const oftenTold = 60_000;

/** The longest of these pauses. */
export const longestQuiet = 600_000;

/** How long the rest of an import is waited for, once the server that it opened listens. */
export const restPatience = 250;
