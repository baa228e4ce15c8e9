import {
  type Asker,
  type Clock,
  draftKey,
  type Key,
  keyLogDraft,
  type NewKeyFields,
  parseNewKey,
  type Scope,
  type Service,
} from "../../domain/index.ts";
import { allowPlace } from "../access/in-scope.ts";
import { type AuditTrail, audited, described } from "../audit/audit-trail.ts";
import type { Keyring } from "../keyring/keyring.ts";

export interface NewKey extends NewKeyFields {
  readonly service: Service;
}

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly trail: AuditTrail | undefined;
}

/** Adds a key at the back of its pool. */
export class AddKey {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `invalid_request`, `forbidden` outside of `scope`, `key_exists`, `storage_unavailable`. */
  async execute({ service, ...fields }: NewKey, scope?: Scope, asker?: Asker): Promise<Key> {
    const { clock, keyring, trail } = this.#parts;
    const draft = draftKey(service, parseNewKey(fields), clock.now());
    keyring.refuseSecrets({ name: draft.name, tag: draft.tag });
    allowPlace(scope, draft);
    const after = { ...described(draft), status: draft.standing.status };
    return audited(trail, asker, { act: "add_key", subject: `a new ${service} key`, after }, () =>
      keyring.add(draft, keyLogDraft(draft, "add_key", { at: draft.createdAt, asker })),
    );
  }
}
