/**
 * How many samples (lines of the exposition) of the handler's own metrics are shown, of one process and of
 * all that are gone. More would take the supervisor's time and memory; Prometheus itself is seldom given so many.
 */
export const mostSamples = 100_000;

/** How long all of one process may be, as JSON, in characters: samples with labels of some length. */
export const longestMetrics: number = 64 * 1024 * 1024;

/** The number of a process's last reading of its own metrics, which nobody asks for. */
export const lastReading = 0;
