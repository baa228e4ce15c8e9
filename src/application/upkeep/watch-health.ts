import type { CheckHealth, Health } from "./check-health.ts";

interface Parts {
  readonly checkHealth: Pick<CheckHealth, "execute">;
  readonly onChange: (health: Health) => void;
}

/** Tells when this instance is in another health than when it was last looked at. */
export class WatchHealth {
  readonly #parts: Parts;
  #last: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async execute(): Promise<void> {
    const { checkHealth, onChange } = this.#parts;
    const health = await checkHealth.execute();
    const parts = Object.entries(health.parts).map(([name, { status }]) => `${name} ${status}`);
    const now = [health.status, ...parts].join();
    const before = this.#last;
    this.#last = now;
    if (before !== undefined && before !== now) onChange(health);
  }
}
