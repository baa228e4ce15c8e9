import { createHash } from "node:crypto";

/** A Lua script that answers one string with every protocol version and type mapping of the client. */
export class Script {
  readonly text: string;
  readonly sha: string;

  constructor(...parts: readonly string[]) {
    this.text = parts.join("");
    this.sha = createHash("sha1").update(this.text).digest("hex");
  }
}
