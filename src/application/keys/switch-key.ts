import {
  type Asker,
  disable,
  enable,
  type Key,
  type KeyAction,
  keyLogDraft,
  type Scope,
  type Service,
  type Standing,
} from "../../domain/index.ts";
import { known } from "../access/in-scope.ts";
import { type AuditTrail, audited, subjectOf } from "../audit/audit-trail.ts";
import type { Keyring } from "../keyring/keyring.ts";

const RULES = {
  enable: { rule: enable, action: "enable_key" },
  disable: { rule: disable, action: "disable_key" },
} as const satisfies Record<
  string,
  { readonly rule: (standing: Standing, now: number) => Standing; readonly action: KeyAction }
>;

const AFTER = { enable: "enabled", disable: "disabled" } as const;

interface Parts {
  readonly keyring: Keyring;
  readonly to: keyof typeof RULES;
  readonly trail: AuditTrail | undefined;
}

/**
 * A person puts a key back into its pool, which ends a cooldown that is running, or takes it out, which is
 * stronger than any code.
 */
export class SwitchKey {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Idempotent; a repeat logs nothing. Throws `key_not_found`, also outside of `scope`, `storage_unavailable`. */
  async execute(service: Service, reference: string, scope?: Scope, asker?: Asker): Promise<Key> {
    const { keyring, to, trail } = this.#parts;
    const { rule, action } = RULES[to];
    const found = known(await keyring.byReference(service, reference), scope);
    const before = { ...found.standing };
    const { key, decision } = await audited(
      trail,
      asker,
      { act: action, subject: subjectOf(found), before, after: { status: AFTER[to] } },
      () =>
        keyring.change(
          found,
          (standing, at) => ({ standing: rule(standing, at) }),
          ({ key, at }) => keyLogDraft(key, action, { at, asker }),
        ),
    );
    return { ...key, standing: decision.standing };
  }
}
