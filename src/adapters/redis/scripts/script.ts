import { createHash } from "node:crypto";

interface ScriptOptions {
  keys: string[];
  arguments: string[];
}

/** What scripts need of a node-redis client, cluster or pool. */
export interface ScriptRunner {
  eval(text: string, options: ScriptOptions): Promise<unknown>;
  evalSha(sha: string, options: ScriptOptions): Promise<unknown>;
}

/** A Lua script that answers one string, whatever the protocol version and the client's type mapping. */
export class Script {
  readonly text: string;
  readonly sha: string;

  constructor(...parts: readonly string[]) {
    this.text = parts.join("");
    this.sha = createHash("sha1").update(this.text).digest("hex");
  }

  async run(runner: ScriptRunner, keys: string[], args: string[]): Promise<string> {
    const options = { keys, arguments: args };
    try {
      return String(await runner.evalSha(this.sha, options));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      // The first use on this server, or its script cache was emptied; this puts the script there.
      return String(await runner.eval(this.text, options));
    }
  }
}
