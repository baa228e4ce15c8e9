import {
  createInMemoryPorts,
  type InMemoryCooldownStore,
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
import { StandingChanges } from "../../src/application/keyring/standing-changes.ts";
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
  const calls: string[] = [];
  const counted = new Proxy(store.port, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...given: unknown[]) => {
        calls.push(String(name));
        return method.apply(target, given);
      };
    },
  });
  const news = new InMemoryNews();
  const corrected: number[] = [];
  // What is told ahead of its write is told when that is refused, and not for how long it takes.
  const never = () => new Promise<void>(() => {});
  const notices = new ChangeNotices({
    announce: (announcement) => void news.publish(announcement),
    pause: never,
    listeners: { onCorrection: (id) => corrected.push(id) },
  });
  const known = new KnownKeys();
  const copies: Copies = {
    known,
    store: counted,
    leases: leases.port,
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
  return {
    ...{ clock, ports, store, leases, repository, known, copies, notices, news },
    ...{ catchingUp, filling, standings, places },
    /** The calls to the cooldown store so far, by name. */
    calls,
    /** The pauses so far, in milliseconds. */
    pauses,
    corrected,
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

/** The limit of a key as the store has it. */
export function limitIn({ ports }: OpenCopies, { id }: Key): number | null | undefined {
  return [...(ports.cooldowns as InMemoryCooldownStore).members()].find((member) => member.id === id)
    ?.maxInFlight;
}
