export interface Clock {
  /** The instant in epoch milliseconds. Never smaller than the instant answered before. */
  now(): number;
}
