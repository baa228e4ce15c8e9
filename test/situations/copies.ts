import {
  createInMemoryPorts,
  InMemoryCooldownStore,
  InMemoryNews,
  ManualClock,
} from "../../src/adapters/in-memory/index.ts";
import { CatchingUp } from "../../src/application/keyring/catching-up.ts";
import { ChangeNotices } from "../../src/application/keyring/change-notices.ts";
import type { Copies } from "../../src/application/keyring/copies.ts";
import { DurableWrites } from "../../src/application/keyring/durable-writes.ts";
import { Filling } from "../../src/application/keyring/filling.ts";
import { KnownKeys } from "../../src/application/keyring/known-keys.ts";
import { PlaceChanges } from "../../src/application/keyring/place-changes.ts";
import { Reconciling } from "../../src/application/keyring/reconciling.ts";
import { StandingChanges } from "../../src/application/keyring/standing-changes.ts";
import { TakingTurns } from "../../src/application/keyring/taking-turns.ts";
import type { CooldownStore, Key, KeyDraft, KeyRepository, LeaseStore } from "../../src/domain/index.ts";
import { breakable } from "../../src/testing/breakable.ts";
import { keyDraft } from "../../src/testing/storage.ts";

interface SharedParts {
  readonly clock: ManualClock;
  readonly ports: ReturnType<typeof createInMemoryPorts>;
}

/**
 * The parts behind the keyring's door, over in-memory adapters that a test can hold and break. `beside`: those of
 * another process on the same database and store; neither gets the other's news.
 */
export function openCopies(beside?: SharedParts) {
  const clock = beside?.clock ?? new ManualClock();
  const ports = beside?.ports ?? createInMemoryPorts(clock);
  const store = breakable<CooldownStore>(ports.cooldowns);
  const leases = breakable<LeaseStore>(ports.cooldowns as InMemoryCooldownStore);
  const repository = breakable<KeyRepository>(ports.keys);
  const [calls, leaseCalls]: [string[], string[]] = [[], []];
  const news = new InMemoryNews();
  const corrected: number[] = [];
  const restricted: number[] = [];
  // What is told ahead of its write is told when that is refused, and not for how long it takes.
  const never = () => new Promise<void>(() => {});
  const notices = new ChangeNotices({
    announce: (announcement) => void news.publish(announcement),
    pause: never,
    listeners: {
      onCorrection: (id) => corrected.push(id),
      onRestricted: (id) => restricted.push(id),
    },
  });
  const known = new KnownKeys();
  const copies: Copies = {
    known,
    store: counted(store.port, calls),
    leases: counted(leases.port, leaseCalls),
    repository: repository.port,
    writes: new DurableWrites(),
    notices,
  };
  const pauses: number[] = [];
  const pause = async (ms: number) => {
    pauses.push(ms);
    await new Promise(setImmediate);
  };
  const catchingUp = new CatchingUp(copies, pause);
  const filling = new Filling(copies);
  const standings = new StandingChanges({ copies, catchingUp, filling });
  const places = new PlaceChanges(copies, catchingUp);
  const turns = new TakingTurns({ copies, catchingUp, filling, standings });
  const reconciling = new Reconciling({ copies, catchingUp, standings, clock });
  return {
    ...{ clock, ports, store, leases, repository, known, copies, notices, news },
    ...{ catchingUp, filling, standings, places, turns, reconciling },
    /** The calls to the cooldown store so far, by name. */
    calls,
    /** The same of its other side. */
    leaseCalls,
    /** The pauses so far, in milliseconds. */
    pauses,
    corrected,
    /** The keys that this process was told are out of reach. */
    restricted,
    /** A key as this process has added it: in all three copies. */
    add: async (changes: Partial<KeyDraft> = {}): Promise<Key> => {
      const key = await places.insert(keyDraft(changes), null);
      await places.seat([key]);
      await filling.fill(key);
      calls.length = 0;
      return known.get(key.id) as Key;
    },
    /** A key as another instance has added it: in the database only. */
    addElsewhere: (changes: Partial<KeyDraft> = {}): Promise<Key> => ports.keys.add(keyDraft(changes), null),
  };
}

export type OpenCopies = ReturnType<typeof openCopies>;

/** The same over a store whose contents can be lost. */
export function openLosableCopies() {
  const clock = new ManualClock();
  let store = new InMemoryCooldownStore(clock);
  const cooldowns = new Proxy(store, {
    // A call that is held goes to the store that is there when it is let go.
    get:
      (_, name) =>
      (...given: unknown[]) =>
        Reflect.get(store, name).apply(store, given),
  });
  const copies = openCopies({ clock, ports: { ...createInMemoryPorts(clock), cooldowns } });
  return {
    ...copies,
    cooldowns,
    /** The store is an empty one from now on, or another that is given. Answers the one before. */
    lose: (next = new InMemoryCooldownStore(clock)): InMemoryCooldownStore => {
      const before = store;
      store = next;
      return before;
    },
  };
}

export type LosableCopies = ReturnType<typeof openLosableCopies>;

/** Notes the names of the methods that are called. */
function counted<T extends object>(port: T, calls: string[]): T {
  return new Proxy(port, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...given: unknown[]) => {
        calls.push(String(name));
        return method.apply(target, given);
      };
    },
  });
}

/** The limit of a key as the store has it. */
export function limitIn({ ports }: OpenCopies, { id }: Key): number | null | undefined {
  return [...(ports.cooldowns as InMemoryCooldownStore).members()].find((member) => member.id === id)
    ?.maxInFlight;
}
