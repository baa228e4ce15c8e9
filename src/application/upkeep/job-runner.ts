import type { Scheduler } from "../../domain/index.ts";

/** Something that is done again and again. */
export interface Job {
  readonly name: string;
  /** The pause after a run has ended, in milliseconds. */
  readonly pauseMs: number;
  /** The pause before the first run. Default: `pauseMs`. */
  readonly firstPauseMs?: number;
  /** A job that takes long heeds `stop`, which is aborted when its end is waited for. May answer how much it did. */
  readonly run: (stop: AbortSignal) => Promise<unknown>;
  /** Called with the milliseconds until the next run, each time one is planned. */
  readonly onPlanned?: (inMs: number) => void;
}

interface Parts {
  readonly scheduler: Scheduler;
  readonly onDone: (job: string, result: unknown) => void;
  readonly onFault: (job: string, error: unknown) => void;
}

interface Running {
  readonly job: Job;
  run: Promise<unknown> | undefined;
  cancel: () => void;
}

/** Runs jobs until it is stopped. No job overlaps itself; a fault ends one run and not the job. */
export class JobRunner {
  readonly #parts: Parts;
  readonly #jobs = new Map<string, Running>();
  readonly #stopping = new AbortController();

  constructor(jobs: readonly Job[], parts: Parts) {
    this.#parts = parts;
    for (const job of jobs) this.#jobs.set(job.name, { job, run: undefined, cancel: () => {} });
  }

  start(): void {
    for (const running of this.#jobs.values()) this.#plan(running, running.job.firstPauseMs);
  }

  /**
   * Runs a job now, besides its plan; shares a run that is under way. Rejects with the job's fault, and once the
   * jobs have been stopped.
   */
  run(name: string): Promise<unknown> {
    const running = this.#jobs.get(name);
    if (!running) throw new RangeError(`There is no job "${name}"`);
    running.run ??= this.#begin(running.job).finally(() => {
      running.run = undefined;
    });
    return running.run;
  }

  /** The same for callers that do not wait: a fault is reported like that of a planned run. */
  async trigger(name: string): Promise<void> {
    const { onDone, onFault } = this.#parts;
    if (this.#stopping.signal.aborted) return;
    await this.run(name).then(
      (result) => onDone(name, result),
      (error: unknown) => onFault(name, error),
    );
  }

  /** Resolves when no job is running any more; no other begins. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const { cancel } of this.#jobs.values()) cancel();
    await Promise.allSettled(Array.from(this.#jobs.values(), ({ run }) => run));
  }

  async #begin({ run, name }: Job): Promise<unknown> {
    if (this.#stopping.signal.aborted) throw new Error(`The job "${name}" was asked for after the stop`);
    return run(this.#stopping.signal);
  }

  #plan(running: Running, ms = running.job.pauseMs): void {
    if (this.#stopping.signal.aborted) return;
    running.cancel = this.#parts.scheduler.after(ms, () => {
      void this.trigger(running.job.name).then(() => this.#plan(running));
    });
    running.job.onPlanned?.(ms);
  }
}
