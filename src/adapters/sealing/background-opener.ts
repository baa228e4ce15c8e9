import type { KeyObject } from "node:crypto";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { SecretOpener, StoredSecret } from "../../domain/index.ts";

export type OpenedBatch = readonly (string | undefined)[];

interface Pending {
  readonly resolve: (opened: OpenedBatch) => void;
  readonly reject: (error: unknown) => void;
}

// The worker is a source file when Node strips the types, and a compiled one in the package.
const WORKER = new URL(`./opening-worker${extname(import.meta.url)}`, import.meta.url);

/** Opens on a thread of its own, which lives until it is closed. The thread answers batches in their order. */
export class BackgroundOpener implements SecretOpener {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  #failure: unknown;

  constructor(dataKeys: ReadonlyMap<number, KeyObject>) {
    this.#worker = new Worker(WORKER, { workerData: dataKeys });
    this.#worker.on("message", (opened: OpenedBatch) => this.#pending.shift()?.resolve(opened));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("The thread that opens secrets has ended")));
  }

  open(batch: readonly StoredSecret[]): Promise<OpenedBatch> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#worker.postMessage(batch);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(failure: unknown): void {
    this.#failure ??= failure;
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
  }
}
