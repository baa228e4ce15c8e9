import { type Asker, OPEN_DOOR_ID } from "./access/audit-entry.ts";
import type { Key, KeyId } from "./key.ts";
import type { Service } from "./service.ts";

/** What happens to a key of a pool; `set_status` is a report that changed nothing. */
export const KEY_ACTIONS = [
  "set_status",
  "disable_key",
  "cooldown_start",
  "enable_key",
  "add_key",
  "update_key",
  "delete_key",
  "test",
] as const;

export const LOG_ACTIONS = [...KEY_ACTIONS, "import_keys", "update_config"] as const;

export type KeyAction = (typeof KEY_ACTIONS)[number];

/** One row per act. */
export type LogAction = (typeof LOG_ACTIONS)[number];

/**
 * Who acts, by the ids of the audit: that of a token, `env` for the token of the environment, `system` for what the
 * pool does by itself, such as a re-check; `caller` for whoever asked without a token.
 */
export type Actor = string;

/** Whoever asked without a token. */
export const CALLER: Actor = "caller";

/** As the log names who asks. */
export function actorOf(asker: Asker | undefined): Actor {
  return asker === undefined || asker.actor.id === OPEN_DOOR_ID ? CALLER : asker.actor.id;
}

interface Act {
  readonly actor: Actor;
  /** Epoch milliseconds. */
  readonly at: number;
  /** For people; at most 500 characters, and holds no secret. */
  readonly note: string | null;
}

/** About a key. Name and region are copied, so that they outlive it. */
export interface KeyLogDraft extends Act {
  readonly about: "key";
  readonly action: KeyAction;
  readonly service: Service;
  /** Null for a key that is being added: the repository fills in the id it gives. */
  readonly keyId: KeyId | null;
  readonly keyName: string;
  readonly region: string;
  readonly statusCode: number | null;
}

/** A test of a key that is in no pool. */
export interface StrangerLogDraft extends Act {
  readonly about: "stranger";
  readonly action: "test";
  readonly service: Service;
  readonly region: string;
  readonly statusCode: number;
}

export interface ImportLogDraft extends Act {
  readonly about: "import";
  readonly action: "import_keys";
  readonly service: Service;
}

/** Settings belong to no service. */
export interface SettingsLogDraft extends Act {
  readonly about: "settings";
  readonly action: "update_config";
}

/** What happened, before it is stored. */
export type LogDraft = KeyLogDraft | StrangerLogDraft | ImportLogDraft | SettingsLogDraft;

/** What is stored of a draft: one row of one shape for all, with null where a field means nothing. */
export interface LogEntry {
  readonly id: number;
  readonly service: Service | null;
  readonly keyId: KeyId | null;
  readonly keyName: string | null;
  readonly region: string | null;
  readonly action: LogAction;
  readonly statusCode: number | null;
  readonly note: string | null;
  /** Null in rows of versions that did not keep it. */
  readonly actor: Actor | null;
  readonly at: number;
}

interface ActDetails {
  readonly at: number;
  /** Who asked. Default: nobody in particular. */
  readonly asker?: Asker | undefined;
  /** Default: the asker. */
  readonly actor?: Actor;
  /** Default: none. */
  readonly note?: string | null;
}

/** About a key that is known, or that is about to get its id. */
export function keyLogDraft(
  key: Pick<Key, "service" | "name" | "region"> & { readonly id?: KeyId },
  action: KeyAction,
  details: ActDetails & { readonly statusCode?: number },
): KeyLogDraft {
  const { at, asker, actor = actorOf(asker), note = null, statusCode = null } = details;
  const { id: keyId = null, service, name: keyName, region } = key;
  return { about: "key", action, service, keyId, keyName, region, statusCode, actor, at, note };
}

/** About a test of a key that is in no pool. */
export function strangerLogDraft(
  { service, region }: Pick<Key, "service" | "region">,
  {
    at,
    asker,
    actor = actorOf(asker),
    note = null,
    statusCode,
  }: ActDetails & { readonly statusCode: number },
): StrangerLogDraft {
  return { about: "stranger", action: "test", service, region, statusCode, actor, at, note };
}

export function importLogDraft(
  service: Service,
  { at, asker, actor = actorOf(asker), note = null }: ActDetails,
): ImportLogDraft {
  return { about: "import", action: "import_keys", service, actor, at, note };
}

export function settingsLogDraft({
  at,
  asker,
  actor = actorOf(asker),
  note = null,
}: ActDetails): SettingsLogDraft {
  return { about: "settings", action: "update_config", actor, at, note };
}

/** The fields that are stored. */
export function toLogFields(draft: LogDraft): Omit<LogEntry, "id"> {
  const { action, note, actor, at } = draft;
  switch (draft.about) {
    case "key": {
      const { service, keyId, keyName, region, statusCode } = draft;
      return { service, keyId, keyName, region, action, statusCode, note, actor, at };
    }
    case "stranger": {
      const { service, region, statusCode } = draft;
      return { service, keyId: null, keyName: null, region, action, statusCode, note, actor, at };
    }
    case "import":
    case "settings": {
      const service = draft.about === "import" ? draft.service : null;
      return { service, keyId: null, keyName: null, region: null, action, statusCode: null, note, actor, at };
    }
  }
}
