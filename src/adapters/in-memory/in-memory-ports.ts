import type { Ports } from "../../application/index.ts";
import type { Clock } from "../../domain/index.ts";
import { InMemoryCooldownStore } from "./in-memory-cooldown-store.ts";
import { InMemoryDatabase } from "./in-memory-database.ts";
import { InMemoryEventFeed } from "./in-memory-event-feed.ts";
import { InMemoryKeyRepository } from "./in-memory-key-repository.ts";
import { InMemoryLog } from "./in-memory-log.ts";
import { InMemorySettingRepository } from "./in-memory-setting-repository.ts";
import { SystemClock } from "./system-clock.ts";
import { WebChance } from "./web-chance.ts";

/** All ports of a pool in this process. Pass the same `database` again to restart with its data. */
export function createInMemoryPorts(
  clock: Clock = new SystemClock(),
  database: InMemoryDatabase = new InMemoryDatabase(),
): Ports {
  const cooldowns = new InMemoryCooldownStore(clock);
  return {
    clock,
    keys: new InMemoryKeyRepository(database),
    log: new InMemoryLog(database),
    settings: new InMemorySettingRepository(database),
    cooldowns,
    leases: { store: cooldowns, chance: new WebChance() },
    events: new InMemoryEventFeed(clock),
  };
}
