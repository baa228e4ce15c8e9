// The upper bounds of histograms; each is a line for every series, so there are no more than tell something.

/** Seconds until an answer was made: a hand-out takes less than the first, an import as long as the last. */
export const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Seconds of a transaction, from its first statement until it is durable. */
export const COMMIT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Rows of a transaction; it takes no more than 500. */
export const COMMIT_ROWS = [1, 2, 5, 10, 25, 50, 100, 250, 500];

/** Seconds from asking Azure until its answer. */
export const PROBE_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
