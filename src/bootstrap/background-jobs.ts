/** Runs jobs again and again, each with a pause after it has ended, until it is stopped. */
export class BackgroundJobs {
  readonly #onFault: (job: string, error: unknown) => void;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(onFault: (job: string, error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** A job that takes long heeds `stop`, which is set when it is being waited for. */
  every(
    pauseMs: number,
    name: string,
    run: (stop: AbortSignal) => Promise<unknown>,
    firstPauseMs = pauseMs,
  ): void {
    let running: Promise<unknown> = Promise.resolve();
    let timer: NodeJS.Timeout;
    const stopping = new AbortController();
    const after = (ms: number) => {
      if (stopping.signal.aborted) return;
      timer = setTimeout(() => {
        running = run(stopping.signal)
          .catch((error: unknown) => this.#onFault(name, error))
          .finally(() => after(pauseMs));
      }, ms);
    };
    after(firstPauseMs);
    this.#stops.push(async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    });
  }

  /** Resolves when no job is running any more. */
  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }
}
