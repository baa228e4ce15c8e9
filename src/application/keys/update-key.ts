import {
  type Asker,
  type Clock,
  type Key,
  type KeyChange,
  type KeyDescription,
  keyLogDraft,
  parseKeyChange,
  refuseSecretIn,
  type Scope,
  type Service,
} from "../../domain/index.ts";
import { allowPlace, known } from "../access/in-scope.ts";
import { type AuditTrail, audited, described, subjectOf } from "../audit/audit-trail.ts";
import { RECORDED_AS } from "../audit/recorded-names.ts";
import type { Keyring } from "../keyring/keyring.ts";

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly trail: AuditTrail | undefined;
}

/** A person renames a key, moves it to another pool, or limits its leases. */
export class UpdateKey {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * At least one field. Throws `invalid_request`, `key_not_found`, `storage_unavailable`; `key_not_found` also for a
   * key outside of `scope`, `forbidden` for one that would leave it.
   */
  async execute(
    service: Service,
    reference: string,
    change: KeyChange,
    scope?: Scope,
    asker?: Asker,
  ): Promise<Key> {
    const { clock, keyring, trail } = this.#parts;
    const changes = parseKeyChange(change);
    const key = known(await keyring.byReference(service, reference), scope);
    allowPlace(scope, { ...key, ...changes });
    refuseSecretIn(changes, key.secret);
    keyring.refuseSecrets({ name: changes.name, tag: changes.tag });
    const note = Object.entries(changes)
      .map(([field, value]) => `${RECORDED_AS[field as keyof KeyDescription]}=${value ?? ""}`)
      .join(" ");
    const [before, after] = [described(key), described({ ...key, ...changes })];
    return audited(trail, asker, { act: "update_key", subject: subjectOf(key), before, after }, () =>
      keyring.describe(key.id, changes, (updated) =>
        keyLogDraft(updated, "update_key", { at: clock.now(), note, asker }),
      ),
    );
  }
}
