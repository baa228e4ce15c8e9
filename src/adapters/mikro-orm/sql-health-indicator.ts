import type { HealthIndicator, PartHealth } from "../../domain/index.ts";
import type { SqlDatabase } from "./sql-database.ts";

const PATIENCE_MS = 800;

export class SqlHealthIndicator implements HealthIndicator {
  readonly part = "database";
  // Hand-outs go on without it.
  readonly essential = false;
  readonly #database: SqlDatabase;
  readonly #onFault: (detail: string) => void;
  #lastDetail: string | undefined;

  /** `onFault` is called with the driver's words when they differ from those of the last check. */
  constructor(database: SqlDatabase, onFault: (detail: string) => void = () => {}) {
    this.#database = database;
    this.#onFault = onFault;
  }

  async check(): Promise<PartHealth> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<PartHealth>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, { status: "down", reason: "The database does not answer" });
    });
    try {
      return await Promise.race([this.#ask(), silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(): Promise<PartHealth> {
    const connection = await this.#database.check();
    const { fault } = this.#database;
    this.#report(connection.ok ? fault?.detail : connection.reason);
    // The answer is public, and the words of a driver may name hosts, users and files.
    if (!connection.ok) return { status: "down", reason: "The database is not connected" };
    return fault === undefined ? { status: "up" } : { status: "degraded", reason: fault.reason };
  }

  #report(detail: string | undefined): void {
    if (detail !== undefined && detail !== this.#lastDetail) this.#onFault(detail);
    this.#lastDetail = detail;
  }
}
