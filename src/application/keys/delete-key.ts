import {
  type Asker,
  type Clock,
  type Key,
  keyLogDraft,
  type Scope,
  type Service,
} from "../../domain/index.ts";
import { known } from "../access/in-scope.ts";
import { type AuditTrail, audited, described, subjectOf } from "../audit/audit-trail.ts";
import type { Keyring } from "../keyring/keyring.ts";

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly trail: AuditTrail | undefined;
}

/** Takes a key out of its pool and out of the database; its log rows stay. */
export class DeleteKey {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Answers the key that was deleted. Throws `key_not_found`, also outside of `scope`, `storage_unavailable`. */
  async execute(service: Service, reference: string, scope?: Scope, asker?: Asker): Promise<Key> {
    const { clock, keyring, trail } = this.#parts;
    const key = known(await keyring.byReference(service, reference), scope);
    const before = { ...described(key), status: key.standing.status };
    await audited(trail, asker, { act: "delete_key", subject: subjectOf(key), before }, () =>
      keyring.remove(key, keyLogDraft(key, "delete_key", { at: clock.now(), asker })),
    );
    return key;
  }
}
