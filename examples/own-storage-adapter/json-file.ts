import { readFile, rename, writeFile } from "node:fs/promises";
import { storageUnavailable, toLogFields } from "azure-key-pool/domain";
import type { Key, LogDraft, LogEntry, SettingEntry, Usage } from "azure-key-pool/ports";

export type StoredKey = Key & Usage;

export interface Content {
  lastKeyId: number;
  lastLogId: number;
  keys: StoredKey[];
  logs: LogEntry[];
  settings: SettingEntry[];
}

/**
 * Keys, log and settings in one JSON file, for a few hundred keys of one process. The secrets are in it as
 * they are, so it is readable by its owner only.
 */
export class JsonFile {
  readonly content: Content;
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(path: string, content: Content) {
    this.#path = path;
    this.content = content;
  }

  static async open(path: string): Promise<JsonFile> {
    const empty: Content = { lastKeyId: 0, lastLogId: 0, keys: [], logs: [], settings: [] };
    const text = await readFile(path, "utf8").catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    return new JsonFile(path, text === undefined ? empty : JSON.parse(text));
  }

  addLog(entry: LogDraft | null): void {
    if (entry === null) return;
    this.content.lastLogId += 1;
    this.content.logs.push({ ...toLogFields(entry), id: this.content.lastLogId });
  }

  /** Resolves when all changes so far are in the file; concurrent callers share one write. */
  saved(): Promise<void> {
    this.#next ??= this.#writing
      // The callers that waited for that write have got its error.
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#writing = this.#write();
        return this.#writing;
      });
    return this.#next;
  }

  async #write(): Promise<void> {
    try {
      // A crash leaves the old file or the new one, never half of one.
      await writeFile(`${this.#path}.new`, JSON.stringify(this.content), { mode: 0o600 });
      await rename(`${this.#path}.new`, this.#path);
    } catch (error) {
      throw storageUnavailable(error);
    }
  }
}
