/** Runs jobs again and again, each with a pause after it has ended, until it is stopped. */
export class BackgroundJobs {
  readonly #onFault: (job: string, error: unknown) => void;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(onFault: (job: string, error: unknown) => void) {
    this.#onFault = onFault;
  }

  every(pauseMs: number, name: string, run: () => Promise<unknown>, firstPauseMs = pauseMs): void {
    let running: Promise<unknown> = Promise.resolve();
    let timer: NodeJS.Timeout;
    let stopped = false;
    const after = (ms: number) => {
      if (stopped) return;
      timer = setTimeout(() => {
        running = run()
          .catch((error: unknown) => this.#onFault(name, error))
          .finally(() => after(pauseMs));
      }, ms);
    };
    after(firstPauseMs);
    this.#stops.push(async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    });
  }

  /** Resolves when no job is running any more. */
  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }
}
