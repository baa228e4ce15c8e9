import type { FeedEvent, KeyAction, KeyStatus, Service } from "../../../domain/index.ts";
import { isoTime } from "../server/iso-time.ts";
import type { StreamEnd } from "../server/stream-end.ts";

/** A change of a key. Names are as they are in lists; the key itself is in no event. */
export interface KeyEventData {
  readonly at: string;
  /** Who acted, as log rows name him. */
  readonly actor: string;
  readonly action: KeyAction;
  readonly key_id: number;
  readonly service: Service;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string | null;
  /** Null for a key that is gone. */
  readonly status: KeyStatus | null;
  /** The key comes back by itself then, and no other event says so. */
  readonly cooldown_until: string | null;
  readonly code: number | null;
}

/** A code that was reported. */
export interface ReportEventData {
  readonly at: string;
  readonly key_id: number;
  readonly service: Service;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string | null;
  readonly code: number;
  readonly action: string;
  readonly reason: string | null;
  readonly status_changed: boolean;
}

export interface SettingEventData {
  readonly at: string;
  readonly actor: string;
  readonly config_key: string;
  /** Null for a free setting, which may hold anything. */
  readonly config_value: string | null;
}

/** How far an import has come, in rows; what is done and in no other count was updated. */
export interface ImportEventData {
  readonly at: string;
  readonly import_id: string;
  readonly service: Service;
  readonly total: number;
  readonly done: number;
  readonly created: number;
  readonly skipped: number;
  readonly failed: number;
  readonly ended: boolean;
}

/** An instance is in another health than before. */
export interface HealthEventData {
  readonly at: string;
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** Empty for a token with a scope. */
  readonly parts: readonly { readonly name: string; readonly status: "up" | "degraded" | "down" }[];
}

export interface TokenEventData {
  readonly at: string;
  readonly actor: string;
  readonly action: "created" | "revoked";
  readonly token_id: string;
  readonly name: string | null;
}

/** What happened, as `event` names it, and its place in the order of all. */
export type PoolEventMessage =
  | { readonly event: "key"; readonly id: string; readonly data: KeyEventData }
  | { readonly event: "report"; readonly id: string; readonly data: ReportEventData }
  | { readonly event: "setting"; readonly id: string; readonly data: SettingEventData }
  | { readonly event: "import"; readonly id: string; readonly data: ImportEventData }
  | { readonly event: "health"; readonly id: string; readonly data: HealthEventData }
  | { readonly event: "token"; readonly id: string; readonly data: TokenEventData };

/** Events are missing here, so that what was made of those before has to be read again. */
export interface ResetMessage {
  readonly event: "reset";
  readonly id: string;
  readonly data: Readonly<Record<string, never>>;
}

/** Nothing follows: the server stops, or the token is not good any more. */
export interface EndMessage {
  readonly event: "end";
  readonly data: { readonly reason: StreamEnd };
}

export type EventMessage = PoolEventMessage | ResetMessage | EndMessage;

export function presentEvent(event: FeedEvent): PoolEventMessage["data"] {
  const at = isoTime(event.at);
  switch (event.kind) {
    case "key": {
      const { actor, action, status, cooldownUntil, code } = event;
      const cooldown_until = cooldownUntil === null ? null : isoTime(cooldownUntil);
      return { at, actor, action, ...presentKey(event), status, cooldown_until, code };
    }
    case "report": {
      const { code, action, reason, statusChanged } = event;
      return { at, ...presentKey(event), code, action, reason, status_changed: statusChanged };
    }
    case "setting":
      return { at, actor: event.actor, config_key: event.name, config_value: event.value };
    case "import": {
      const { importId, service, total, done, created, skipped, failed, ended } = event;
      return { at, import_id: importId, service, total, done, created, skipped, failed, ended };
    }
    case "health":
      return { at, status: event.status, parts: event.parts.map(({ name, status }) => ({ name, status })) };
    case "token": {
      const { actor, action, tokenId, name } = event;
      return { at, actor, action, token_id: tokenId, name };
    }
  }
}

type AboutKey = Pick<ReportEventData, "key_id" | "service" | "region" | "keyname" | "tag">;

function presentKey(event: Extract<FeedEvent, { readonly keyId: number }>): AboutKey {
  const { keyId, service, region, keyName, tag } = event;
  return { key_id: keyId, service, region, keyname: keyName, tag };
}
