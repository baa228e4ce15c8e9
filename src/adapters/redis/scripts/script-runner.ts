import type { Script } from "./script.ts";

interface ScriptOptions {
  keys: string[];
  arguments: string[];
}

/** What scripts need of a node-redis client, cluster or pool. */
export interface ScriptClient {
  eval(text: string, options: ScriptOptions): Promise<unknown>;
  evalSha(sha: string, options: ScriptOptions): Promise<unknown>;
  scriptLoad(text: string): Promise<unknown>;
}

/**
 * Runs scripts by their digest, and loads them into a server that does not know them. They run in the order in which they
 * are asked for.
 */
export class ScriptRunner {
  readonly #client: ScriptClient;
  readonly #scripts: readonly Script[];
  #loading: Promise<unknown> | undefined;
  #loaded = false;
  #later: (() => void)[] = [];

  constructor(client: ScriptClient, scripts: readonly Script[]) {
    this.#client = client;
    this.#scripts = scripts;
  }

  run(script: Script, keys: string[], args: string[]): Promise<string> {
    if (this.#later.length > 0) this.#runLater();
    return this.#run(script, keys, args);
  }

  /**
   * Runs it when this turn of the event loop ends, or just ahead of the next `run`. `args` are read only then, so that what
   * else comes until then may join.
   */
  runLater(script: Script, keys: string[], args: () => string[]): Promise<string> {
    return new Promise((resolve) => {
      if (this.#later.length === 0) setImmediate(() => this.#runLater());
      this.#later.push(() => resolve(this.#run(script, keys, args())));
    });
  }

  #runLater(): void {
    const later = this.#later;
    this.#later = [];
    for (const run of later) run();
  }

  async #run(script: Script, keys: string[], args: string[]): Promise<string> {
    if (!this.#loaded) this.#load();
    const options = { keys, arguments: args };
    try {
      return String(await this.#client.evalSha(script.sha, options));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      this.#load();
      return String(await this.#client.eval(script.text, options));
    }
  }

  /** Sends all scripts before the call: if the call itself had to be repeated, later calls would overtake it. */
  #load(): void {
    if (this.#loading) return;
    this.#loaded = true;
    const loads = this.#scripts.map(({ text }) => this.#client.scriptLoad(text));
    // If this fails, the call fails too, or sends its own script.
    this.#loading = Promise.allSettled(loads).then(() => {
      this.#loading = undefined;
    });
  }
}
