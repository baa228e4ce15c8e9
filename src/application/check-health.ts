import type { HealthIndicator, PartHealth } from "../domain/index.ts";
import type { KeyWrites } from "./key-writes.ts";

export interface Health {
  /** Unhealthy: keys cannot be handed out. Degraded: something less is missing. */
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly parts: Readonly<Record<string, PartHealth>>;
}

/** Tells how the parts are, and what that means for the whole. */
export class CheckHealth {
  readonly #indicators: readonly HealthIndicator[];
  readonly #writes: KeyWrites;

  constructor(indicators: readonly HealthIndicator[], writes: KeyWrites) {
    this.#indicators = indicators;
    this.#writes = writes;
  }

  async execute(): Promise<Health> {
    const checked = await Promise.all(this.#indicators.map((indicator) => indicator.check()));
    const parts: Record<string, PartHealth> = { writes: this.#owed() };
    let status: Health["status"] = parts.writes?.status === "up" ? "healthy" : "degraded";
    this.#indicators.forEach(({ part, essential }, index) => {
      const health = checked[index] as PartHealth;
      parts[part] = health;
      if (health.status === "up" || status === "unhealthy") return;
      status = health.status === "down" && essential ? "unhealthy" : "degraded";
    });
    return { status, parts };
  }

  #owed(): PartHealth {
    if (this.#writes.owing === 0) return { status: "up" };
    return { status: "degraded", reason: `changes of ${this.#writes.owing} keys wait for the storage` };
  }
}
