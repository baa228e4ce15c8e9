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

/** Runs scripts by their digest, and loads them into a server that does not know them. */
export class ScriptRunner {
  readonly #client: ScriptClient;
  readonly #scripts: readonly Script[];
  #loading: Promise<unknown> | undefined;
  #loaded = false;

  constructor(client: ScriptClient, scripts: readonly Script[]) {
    this.#client = client;
    this.#scripts = scripts;
  }

  async run(script: Script, keys: string[], args: string[]): Promise<string> {
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
