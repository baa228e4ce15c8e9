/** Time that passes, for what has to be done later. Tests bring one of their own and let it pass by hand. */
export interface Scheduler {
  /** Calls `run` once, `ms` milliseconds from now or a little later. Answers a function that calls it off. */
  after(ms: number, run: () => void): () => void;
}
