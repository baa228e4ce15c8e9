import { InMemoryCooldownStore, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { describeCooldownStore } from "../../../src/testing/cooldown-store.ts";

describeCooldownStore("in memory", async () => {
  const clock = new ManualClock();
  const store = new InMemoryCooldownStore(clock);
  return {
    store,
    other: store,
    reach: async (instant) => clock.advance(instant - clock.now()),
    close: async () => {},
  };
});
