/** Resolves after so many milliseconds. */
export type Pause = (ms: number) => Promise<void>;
