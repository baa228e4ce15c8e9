import { type Key, placeName, type Seat, type WholePool } from "../../domain/index.ts";
import { type Copies, memberOf } from "./copies.ts";
import { Reading } from "./reading.ts";

/** Fills pools that the cooldown store does not know from the database: all of them at a start. */
export class Filling {
  readonly #copies: Copies;
  readonly #running = new Map<string, Promise<void>>();

  constructor(copies: Copies) {
    this.#copies = copies;
  }

  /** Fills all pools from one reading of the database. Answers how many keys there are. */
  async fillAll(): Promise<number> {
    const { repository, store, known } = this.#copies;
    const readings = new Map<string, Reading<readonly Seat[]>>();
    const loads = (await repository.pools()).map((pool) => {
      const reading = new Reading<readonly Seat[]>();
      readings.set(placeName(pool), reading);
      return store.load(pool, () => reading).finally(() => reading.leave());
    });
    const loaded = Promise.all(loads);
    // It is awaited below; until then a fault is not unhandled.
    loaded.catch(() => {});
    try {
      await Promise.all(Array.from(readings.values(), ({ begun }) => begun));
      for await (const keys of repository.load()) {
        const parts = Map.groupBy(this.#seatsOf(keys), ({ member }) => placeName(member));
        await Promise.all(Array.from(parts, ([pool, seats]) => readings.get(pool)?.give(seats)));
      }
    } catch (fault) {
      for (const reading of readings.values()) reading.end(fault);
      throw fault;
    }
    for (const reading of readings.values()) reading.end();
    await loaded;
    known.markLoaded();
    return known.size;
  }

  /** Concurrent calls for one pool share one run. */
  fill({ service, region }: WholePool): Promise<void> {
    const name = placeName({ service, region });
    let running = this.#running.get(name);
    if (!running) {
      running = this.#copies.store
        .load({ service, region }, () => this.#read({ service, region }))
        .finally(() => this.#running.delete(name));
      this.#running.set(name, running);
    }
    return running;
  }

  async *#read({ service, region }: WholePool): AsyncGenerator<readonly Seat[]> {
    for await (const keys of this.#copies.repository.loadPool(service, region)) {
      yield this.#seatsOf(keys).filter(({ member }) => member.region === region);
    }
  }

  /** Takes the keys in and answers where they belong as far as is known, which may be newer than what was read. */
  #seatsOf(keys: readonly Key[]): readonly Seat[] {
    const { known } = this.#copies;
    return keys.flatMap((stored) => {
      // Other instances write to the database before this one learns of it.
      if (known.adopt(stored) !== stored) known.confirm(stored.id, stored.standing);
      const key = known.get(stored.id);
      // Who moves it puts it there, with what its old pool learned last.
      return key && !known.isMoving(key.id) ? [{ member: memberOf(key), standing: key.standing }] : [];
    });
  }
}
