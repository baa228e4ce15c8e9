import {
  createInMemoryPorts,
  InMemoryCooldownStore,
  InMemoryDatabase,
  InMemoryNews,
  InMemoryTokenRepository,
  ManualClock,
} from "../../src/adapters/in-memory/index.ts";
import { NodeTokenCrypto } from "../../src/adapters/node-crypto/index.ts";
import type { CooldownStore, KeyId, KeyRepository, News } from "../../src/domain/index.ts";
import { openWorld, type World } from "../../src/testing/pool.ts";

export interface TwoPools {
  readonly a: World;
  readonly b: World;
  readonly clock: ManualClock;
  /** Resolves when both have handled all announcements so far. */
  heard(): Promise<void>;
  /** Sends one of them an announcement, true or forged, that a key was changed; resolves when it is handled. */
  announce(to: World, id: KeyId): Promise<void>;
  /** The store loses everything; with `known` the pool of eastasia is loaded again, empty. */
  loseStore(known?: "known"): Promise<void>;
  store(): CooldownStore;
}

export interface TwoPoolsOptions {
  /** Default: true. Otherwise all news is lost. */
  readonly news?: boolean;
  /** Wraps B's key repository. */
  readonly keysOfB?: (keys: KeyRepository) => KeyRepository;
}

/** Two instances over one database and one cooldown store. */
export async function openTwoPools({ news = true, keysOfB }: TwoPoolsOptions = {}): Promise<TwoPools> {
  const clock = new ManualClock();
  const database = new InMemoryDatabase();
  const common = new InMemoryNews();
  let store = new InMemoryCooldownStore(clock);
  const cooldowns = new Proxy(store, {
    get: (_, name) => {
      const method = Reflect.get(store, name);
      return typeof method === "function" ? method.bind(store) : method;
    },
  });
  const inboxes = new Map<World, InMemoryNews>();
  const open = async (toKeys = (keys: KeyRepository) => keys): Promise<World> => {
    const inbox = new InMemoryNews();
    if (news) await common.subscribe((announcement) => void inbox.publish(announcement));
    const own: News = {
      publish: (announcement) => common.publish(announcement),
      subscribe: (listener) => inbox.subscribe(listener),
    };
    const ports = createInMemoryPorts(clock, database);
    const access = { tokens: new InMemoryTokenRepository(database), crypto: new NodeTokenCrypto() };
    const world = await openWorld(clock, {
      ...ports,
      keys: toKeys(ports.keys),
      cooldowns,
      access,
      news: own,
    });
    inboxes.set(world, inbox);
    return world;
  };
  const a = await open();
  const b = await open(keysOfB);
  const handleNews = ({ pool }: World) => pool.jobs.run("follow the news");
  return {
    a,
    b,
    clock,
    store: () => store,
    heard: async () => {
      await Promise.all([a, b].map(handleNews));
    },
    announce: async (to, id) => {
      await inboxes.get(to)?.publish({ kind: "key-changed", id });
      await handleNews(to);
    },
    loseStore: async (known) => {
      store = new InMemoryCooldownStore(clock);
      if (known) await store.load({ service: "speech", region: "eastasia" }, async function* () {});
    },
  };
}
