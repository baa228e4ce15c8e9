import { expect, it } from "vitest";
import {
  createInMemoryPorts,
  InMemoryCooldownStore,
  ManualClock,
  WebChance,
} from "../../../src/adapters/in-memory/index.ts";
import { breakable } from "../../../src/testing/breakable.ts";
import { openWorld, secretOf } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";

it.each([0, 30_000])(
  "leaves no lease to who hangs up while it is being given, with %i ms to wait",
  async (waitMs) => {
    const clock = new ManualClock();
    const store = breakable(new InMemoryCooldownStore(clock));
    const { pool } = await openWorld(clock, {
      ...createInMemoryPorts(clock),
      cooldowns: store.port,
      leases: { store: store.port, chance: new WebChance() },
    });
    const place = { service: "speech", region: "eastasia" } as const;
    await pool.addKey.execute({ ...place, secret: secretOf(1), maxInFlight: 1 });
    const gone = new AbortController();
    store.hold("lease");
    const leasing = pool.leases?.lease.execute({ pool: place, waitMs }, undefined, undefined, gone.signal);
    await until(() => store.held === 1);
    gone.abort(new Error("hung up"));
    store.release();
    await expect(leasing).rejects.toThrow("hung up");
    expect((await pool.leases?.lease.execute({ pool: place }))?.status).toBe("leased");
  },
);
