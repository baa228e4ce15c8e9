import type {
  KeyDraft,
  KeyLogDraft,
  KeyRepository,
  Log,
  LogEntry,
  SettingRepository,
  Standing,
} from "../domain/index.ts";

/** The storage ports over one shared, empty backend. */
export interface Storage {
  readonly keys: KeyRepository;
  readonly log: Log;
  readonly settings: SettingRepository;
}

export interface OpenStorage extends Storage {
  /** A second set of adapters on the same backend; absent where a backend has one owner. */
  readonly openAnother?: () => Promise<Storage>;
  close(): Promise<void>;
}

/** Opens fresh, empty adapters. */
export type Open = () => Promise<OpenStorage>;

export const NOON = Date.UTC(2026, 0, 1, 12);

export function standing(changes: Partial<Pick<Standing, "cooldownUntil" | "generation">> = {}): Standing {
  const cooldownUntil = changes.cooldownUntil ?? 0;
  const protectedUntil = cooldownUntil === 0 ? 0 : cooldownUntil + 5000;
  return { status: "enabled", generation: changes.generation ?? 0, cooldownUntil, protectedUntil };
}

export function cooling(until = NOON + 60_000): Standing {
  return standing({ cooldownUntil: until });
}

export function disabledByCode(code = 401, at = NOON): Standing {
  return { ...standing(), status: "disabled", disabledBy: "code", disabledCode: code, disabledAt: at };
}

export function disabledByPerson(at = NOON): Standing {
  return { ...standing(), status: "disabled", disabledBy: "person", disabledAt: at };
}

export function keyDraft(changes: Partial<KeyDraft> = {}): KeyDraft {
  return {
    service: "speech",
    secret: "secret-0001",
    region: "eastasia",
    name: "first",
    tag: null,
    maxInFlight: null,
    standing: standing(),
    createdAt: NOON,
    ...changes,
  };
}

/** A draft that is stored as a row with these fields. */
export function logDraft(changes: Partial<Omit<LogEntry, "id">> = {}): KeyLogDraft {
  return {
    about: "key",
    actor: "caller",
    service: "speech",
    keyId: null,
    keyName: null,
    region: null,
    action: "set_status",
    statusCode: 200,
    note: null,
    at: NOON,
    ...changes,
  } as KeyLogDraft;
}
