import {
  type Key,
  type KeyCounts,
  type KeyId,
  type KeyPlace,
  SERVICES,
  type Service,
} from "../../domain/index.ts";

/** How many keys of a service and region have which status. */
export interface PlaceCount extends KeyPlace {
  readonly counts: KeyCounts;
}

interface Place {
  readonly service: Service;
  readonly region: string;
  size: number;
  disabled: number;
  /** The keys that may rest; those whose rest has ended are found out when they are counted. */
  readonly resting: Map<KeyId, number>;
}

/** Counts keys as they change, so that to ask how many there are reads none but those that rest. */
export class KeyCensus {
  readonly #places: Readonly<Record<Service, Map<string, Place>>> = {
    speech: new Map(),
    translation: new Map(),
  };

  constructor(keys: Iterable<Key>) {
    for (const key of keys) this.enter(key);
  }

  enter({ id, service, region, standing }: Key): void {
    const place = this.#place(service, region);
    place.size++;
    if (standing.status === "disabled") place.disabled++;
    else if (standing.cooldownUntil > 0) place.resting.set(id, standing.cooldownUntil);
  }

  leave({ id, service, region, standing }: Key): void {
    const place = this.#place(service, region);
    place.size--;
    if (standing.status === "disabled") place.disabled--;
    else place.resting.delete(id);
    if (place.size === 0) this.#places[service].delete(region);
  }

  /** At `now`, which never goes back: a rest that has ended is forgotten. */
  count(now: number): readonly PlaceCount[] {
    const places = SERVICES.flatMap((service) => [...this.#places[service].values()]);
    return places.map(({ service, region, size, disabled, resting }) => {
      for (const [id, until] of resting) if (until <= now) resting.delete(id);
      const cooldown = resting.size;
      return { service, region, counts: { enabled: size - disabled - cooldown, cooldown, disabled } };
    });
  }

  #place(service: Service, region: string): Place {
    const places = this.#places[service];
    let place = places.get(region);
    if (!place) {
      place = { service, region, size: 0, disabled: 0, resting: new Map() };
      places.set(region, place);
    }
    return place;
  }
}
