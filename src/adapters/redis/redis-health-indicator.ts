import type { HealthIndicator, PartHealth } from "../../domain/index.ts";

const PATIENCE_MS = 800;

export interface Pingable {
  readonly isReady: boolean;
  ping(): Promise<unknown>;
}

export class RedisHealthIndicator implements HealthIndicator {
  readonly part = "redis";
  // Hand-outs go on without it.
  readonly essential = false;
  readonly #client: Pingable;

  constructor(client: Pingable) {
    this.#client = client;
  }

  async check(): Promise<PartHealth> {
    // A client that is not connected would keep the question until it is.
    if (!this.#client.isReady) return { status: "down", reason: "Redis is not connected" };
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<PartHealth>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, { status: "down", reason: "Redis does not answer" });
    });
    try {
      return await Promise.race([this.#ask(), silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(): Promise<PartHealth> {
    try {
      await this.#client.ping();
      return { status: "up" };
    } catch {
      // The answer is public, and the words of Redis may name hosts and users.
      return { status: "down", reason: "Redis fails" };
    }
  }
}
