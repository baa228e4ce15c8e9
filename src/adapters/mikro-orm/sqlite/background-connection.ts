import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Row, SqlValue, Statement } from "../sql-database.ts";

export interface BackgroundTask extends Statement {
  readonly id: number;
}

/** After the last task, the thread is told to end. */
export type BackgroundMessage = BackgroundTask | "end";

export interface BackgroundData {
  readonly file: string;
  readonly secureDelete: boolean;
  /** One number, which is 1 when nothing that still waits is to be done. */
  readonly closing: Int32Array;
}

export type BackgroundAnswer = { readonly id: number } & (
  | { readonly rows: readonly Row[] }
  | { readonly failure: { readonly message: string; readonly code: string | undefined } }
);

interface Pending {
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

// The worker is a source file when Node strips the types, and a compiled one in the package.
const WORKER = new URL(`./background-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * A connection on a separate thread for work that would block the event loop: long reads, and checkpoints with
 * their fsync.
 */
export class BackgroundConnection {
  readonly #file: string;
  readonly #secureDelete: boolean;
  readonly #pending = new Map<number, Pending>();
  readonly #closing = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  /** `secureDelete`: overwrites what it deletes. */
  constructor(file: string, secureDelete = false) {
    this.#file = file;
    this.#secureDelete = secureDelete;
  }

  /** Starts the thread, which takes some 60 ms, before anything is asked of it. */
  start(): void {
    if (!this.#closed) this.#running();
  }

  execute(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    if (this.#closed) return Promise.reject(new Error("The database is closed"));
    const worker = this.#running();
    this.#lastId += 1;
    const task: BackgroundTask = { id: this.#lastId, sql, values };
    return new Promise((resolve, reject) => {
      this.#pending.set(task.id, { resolve, reject });
      worker.ref();
      worker.postMessage(task satisfies BackgroundMessage);
    });
  }

  /**
   * The thread ends by itself: a thread that is terminated while it loads or runs native code may take the whole process
   * along.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#dropped(new Error("The database is closed"));
    if (worker === undefined) return;
    Atomics.store(this.#closing, 0, 1);
    worker.ref();
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    worker.postMessage("end" satisfies BackgroundMessage);
    await ended;
  }

  /** Starts the thread, and starts it anew should it ever have ended. */
  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const [file, secureDelete, closing] = [this.#file, this.#secureDelete, this.#closing];
    const workerData: BackgroundData = { file, secureDelete, closing };
    const worker = new Worker(WORKER, { workerData });
    worker.on("message", (answer: BackgroundAnswer) => this.#answered(answer));
    worker.on("error", (error) => this.#worker === worker && this.#dropped(error));
    worker.on("exit", () => this.#worker === worker && this.#dropped(new Error("The thread has ended")));
    // Only a pending request keeps the process alive.
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #answered(answer: BackgroundAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#worker?.unref();
    if ("rows" in answer) pending?.resolve(answer.rows);
    else pending?.reject(Object.assign(new Error(answer.failure.message), { code: answer.failure.code }));
  }

  #dropped(error: unknown): void {
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
