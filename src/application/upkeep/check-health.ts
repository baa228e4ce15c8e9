import type { HealthIndicator, PartHealth, Service } from "../../domain/index.ts";
import type { Keyring } from "../keyring/keyring.ts";

export interface Health {
  /** Unhealthy: keys cannot be handed out. Degraded: something less is missing. */
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly parts: Readonly<Record<string, PartHealth>>;
  /** How many keys each service has; with 0 there is nothing to hand out. */
  readonly keys: Readonly<Record<Service, number>>;
}

interface Parts {
  readonly indicators: readonly HealthIndicator[];
  readonly keyring: Keyring;
}

/** Says how the parts are, and what that means for the whole. */
export class CheckHealth {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async execute(): Promise<Health> {
    const { indicators, keyring } = this.#parts;
    const checked = await Promise.all(indicators.map((indicator) => indicator.check()));
    const writes = this.#owed();
    const parts: Record<string, PartHealth> = { writes };
    let status: Health["status"] = writes.status === "up" ? "healthy" : "degraded";
    indicators.forEach(({ part, essential }, index) => {
      const health = checked[index] as PartHealth;
      parts[part] = health;
      if (health.status === "up" || status === "unhealthy") return;
      status = health.status === "down" && essential ? "unhealthy" : "degraded";
    });

    return {
      status,
      parts,
      keys: { speech: keyring.count("speech"), translation: keyring.count("translation") },
    };
  }

  #owed(): PartHealth {
    const { owing } = this.#parts.keyring;
    if (owing === 0) return { status: "up" };
    return { status: "degraded", reason: `changes of ${owing} keys wait for the storage` };
  }
}
