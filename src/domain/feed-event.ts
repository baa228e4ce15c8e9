import type { KeyId } from "./key.ts";
import type { Actor, KeyAction } from "./log-entry.ts";
import type { Service } from "./service.ts";
import type { KeyStatus } from "./standing.ts";

/** What somebody who watches the pool can be told of. */
export const EVENT_KINDS = ["key", "report", "setting", "import", "health", "token"] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

interface Told {
  /** Epoch milliseconds. */
  readonly at: number;
}

interface AboutKey extends Told {
  readonly keyId: KeyId;
  readonly service: Service;
  readonly region: string;
  readonly keyName: string;
  readonly tag: string | null;
}

/** A change of a key has become durable. Where it is and what it is called are as the change has left them. */
export interface KeyEvent extends AboutKey {
  readonly kind: "key";
  readonly actor: Actor;
  readonly action: KeyAction;
  /** As it was at `at`; null for a key that is gone. */
  readonly status: KeyStatus | null;
  /** Until when it rests, epoch milliseconds: it comes back by itself then, and no other event says so. */
  readonly cooldownUntil: number | null;
  /** The code that did it. */
  readonly code: number | null;
  /** Where the key was and what it was called there, when it has been moved or tagged. */
  readonly left?: { readonly region: string; readonly keyName: string; readonly tag: string | null };
}

/** A code that somebody reported was taken in. */
export interface ReportEvent extends AboutKey {
  readonly kind: "report";
  readonly code: number;
  readonly action: string;
  /** Why it changed nothing, where that has a reason. */
  readonly reason: string | null;
  readonly statusChanged: boolean;
}

export interface SettingEvent extends Told {
  readonly kind: "setting";
  readonly actor: Actor;
  readonly name: string;
  /** Null for a free setting, which may hold anything. */
  readonly value: string | null;
}

/** How far an import has come. */
export interface ImportEvent extends Told {
  readonly kind: "import";
  readonly importId: string;
  readonly service: Service;
  /** Rows. What is done and neither created, skipped nor failed was updated. */
  readonly total: number;
  readonly done: number;
  readonly created: number;
  readonly skipped: number;
  readonly failed: number;
  /** Whether it goes no further, with all its rows done or not. */
  readonly ended: boolean;
}

/** An instance is in another health than before. */
export interface HealthEvent extends Told {
  readonly kind: "health";
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly parts: readonly { readonly name: string; readonly status: "up" | "degraded" | "down" }[];
}

export interface TokenEvent extends Told {
  readonly kind: "token";
  readonly actor: Actor;
  readonly action: "created" | "revoked";
  readonly tokenId: string;
  /** Null where it is not known any more. */
  readonly name: string | null;
}

/** Something that has become true, for those who watch. Holds no secret, and nothing is decided by it. */
export type FeedEvent = KeyEvent | ReportEvent | SettingEvent | ImportEvent | HealthEvent | TokenEvent;

/** An event in its place among all others. */
export interface FeedEntry {
  /** `<milliseconds>-<number>`; grows from entry to entry. */
  readonly id: string;
  readonly event: FeedEvent;
}
