import {
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
import type { Keyring } from "../keyring/keyring.ts";

const RULES = {
  enable: { rule: enable, action: "enable_key" },
  disable: { rule: disable, action: "disable_key" },
} as const satisfies Record<
  string,
  { readonly rule: (standing: Standing, now: number) => Standing; readonly action: KeyAction }
>;

interface Parts {
  readonly keyring: Keyring;
  readonly to: keyof typeof RULES;
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
  async execute(service: Service, reference: string, scope?: Scope): Promise<Key> {
    const { keyring, to } = this.#parts;
    const { rule, action } = RULES[to];
    const { key, decision } = await keyring.change(
      known(await keyring.byReference(service, reference), scope),
      (standing, at) => ({ standing: rule(standing, at) }),
      ({ key, at }) => keyLogDraft(key, action, { at }),
    );
    return { ...key, standing: decision.standing };
  }
}
