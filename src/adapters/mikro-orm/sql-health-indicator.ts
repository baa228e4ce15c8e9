import type { HealthIndicator, PartHealth } from "../../domain/index.ts";
import type { SqlDatabase } from "./sql-database.ts";

const PATIENCE_MS = 800;

export class SqlHealthIndicator implements HealthIndicator {
  readonly part = "database";
  // Hand-outs go on without it.
  readonly essential = false;
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
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
    if (!connection.ok) return { status: "down", reason: connection.reason };
    const { fault } = this.#database;
    return fault === undefined ? { status: "up" } : { status: "degraded", reason: fault };
  }
}
