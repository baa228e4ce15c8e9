import {
  createInMemoryPorts,
  InMemoryCooldownStore,
  InMemoryDatabase,
  InMemoryNews,
  ManualClock,
} from "../../src/adapters/in-memory/index.ts";
import type { Announcement, CooldownStore, KeyRepository } from "../../src/domain/index.ts";
import { openWorld, type World } from "../../src/testing/pool.ts";

export interface TwoPools {
  readonly a: World;
  readonly b: World;
  readonly clock: ManualClock;
  /** Resolves when both have followed all that was announced so far. */
  heard(): Promise<void>;
  /** The store forgets everything; with `known` the pool of eastasia passes for loaded all the same. */
  loseStore(known?: "known"): Promise<void>;
  store(): CooldownStore;
}

export interface TwoPoolsOptions {
  /** Default: true. Otherwise all news is lost. */
  readonly news?: boolean;
  /** Stands between B and the database. */
  readonly keysOfB?: (keys: KeyRepository) => KeyRepository;
}

/** Two instances over one database and one cooldown store. */
export async function openTwoPools({ news = true, keysOfB }: TwoPoolsOptions = {}): Promise<TwoPools> {
  const clock = new ManualClock();
  const database = new InMemoryDatabase();
  const paper = new InMemoryNews();
  let store = new InMemoryCooldownStore(clock);
  const cooldowns = new Proxy(store, {
    get: (_, name) => {
      const method = Reflect.get(store, name);
      return typeof method === "function" ? method.bind(store) : method;
    },
  });
  const ports = () => ({ ...createInMemoryPorts(clock, database), cooldowns, news: paper });
  const a = await openWorld(clock, ports());
  const portsOfB = ports();
  const b = await openWorld(clock, { ...portsOfB, keys: keysOfB?.(portsOfB.keys) ?? portsOfB.keys });
  let followed: Promise<unknown> = Promise.resolve();
  if (news) {
    await paper.subscribe((announcement: Announcement) => {
      followed = followed.then(() =>
        Promise.all([a, b].map(({ pool }) => pool.followNews.execute(announcement))),
      );
    });
  }
  return {
    a,
    b,
    clock,
    store: () => store,
    heard: async () => {
      await followed;
    },
    loseStore: async (known) => {
      store = new InMemoryCooldownStore(clock);
      if (known) await store.load({ service: "speech", region: "eastasia" }, async function* () {});
    },
  };
}
