import { isOvertaken, type KeyId, type Member, OVERTAKING_MS, type Placement } from "../../domain/index.ts";

interface Dropped {
  readonly placement: Placement;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The newest placements of keys that are not held any more, for as long as they overtake older ones. */
export class DroppedPlacements {
  /** The longest ago first. */
  readonly #byId = new Map<KeyId, Dropped>();

  note(member: Member, now: number): void {
    if (this.overtakes(member, now)) return;
    for (const [id, { at }] of this.#byId) {
      if (now - at < OVERTAKING_MS) break;
      this.#byId.delete(id);
    }
    this.#byId.delete(member.id);
    this.#byId.set(member.id, { placement: member.placement, at: now });
  }

  overtakes({ id, placement }: Member, now: number): boolean {
    const dropped = this.#byId.get(id);
    return dropped !== undefined && isOvertaken(placement, dropped.placement, dropped.at, now);
  }
}
