import { EVENT_KINDS, type FeedEvent, LOG_ACTIONS, SERVICES } from "../../domain/index.ts";

/** Far longer than any event that is written here. */
const LONGEST = 8_192;
const MOST_PARTS = 50;

type Kind = FeedEvent["kind"];
type EventOf<K extends Kind> = Extract<FeedEvent, { readonly kind: K }>;
type Read<T> = (value: unknown) => T;
type Place = NonNullable<EventOf<"key">["left"]>;
type Readers<E> = { readonly [F in Exclude<keyof E, "kind">]-?: Read<E[F]> };

/** What is stored of an event: the named fields only, because the caller's object may have others. */
export function eventText(event: FeedEvent): string {
  const fields = event as unknown as Readonly<Record<string, unknown>>;
  const named: Record<string, unknown> = { kind: event.kind };
  for (const name in READERS[event.kind]) named[name] = fields[name];
  return JSON.stringify(named);
}

/** Undefined for what this version does not know, and for what is none: anybody may have written it. */
export function parseEvent(text: unknown): FeedEvent | undefined {
  if (typeof text !== "string" || text.length > LONGEST) return undefined;
  try {
    const fields = record(JSON.parse(text));
    const kind = oneOf(EVENT_KINDS)(fields.kind);
    return { kind, ...read<object>(READERS[kind], fields) } as FeedEvent;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Unreadable) return undefined;
    throw error;
  }
}

class Unreadable extends Error {}

const AT = { at: integer };
const ABOUT_KEY = {
  ...AT,
  keyId: integer,
  service: oneOf(SERVICES),
  region: text(40),
  keyName: text(100),
  tag: orNull(text(50)),
};

const READERS: { readonly [K in Kind]: Readers<EventOf<K>> } = {
  key: {
    ...ABOUT_KEY,
    actor: text(100),
    action: oneOf(LOG_ACTIONS) as Read<EventOf<"key">["action"]>,
    status: orNull(oneOf(["enabled", "disabled", "cooldown"])),
    cooldownUntil: orNull(integer),
    code: orNull(integer),
    // Absent for most; what is undefined is left out again.
    left: (value) => (value === undefined ? undefined : read(PLACE, record(value))) as Place,
  },
  report: {
    ...ABOUT_KEY,
    code: integer,
    action: text(40),
    reason: orNull(text(40)),
    statusChanged: truth,
  },
  setting: { ...AT, actor: text(100), name: text(100), value: orNull(text(1000)) },
  import: {
    ...AT,
    importId: text(64),
    service: oneOf(SERVICES),
    ...{ total: integer, done: integer, created: integer, skipped: integer, failed: integer },
    ended: truth,
  },
  health: {
    ...AT,
    status: oneOf(["healthy", "degraded", "unhealthy"]),
    parts: (value) => {
      if (!Array.isArray(value) || value.length > MOST_PARTS) throw new Unreadable();
      return value.map((part) => read(PART, record(part)));
    },
  },
  token: {
    ...AT,
    actor: text(100),
    action: oneOf(["created", "revoked"]),
    tokenId: text(64),
    name: orNull(text(100)),
  },
};

const PLACE: Readers<Place> = { region: text(40), keyName: text(100), tag: orNull(text(50)) };
const PART = { name: text(64), status: oneOf(["up", "degraded", "down"]) };

function read<T extends object>(
  readers: { readonly [F in keyof T]-?: Read<T[F]> },
  fields: Readonly<Record<string, unknown>>,
): T {
  const found: Record<string, unknown> = {};
  for (const [name, of] of Object.entries(readers)) {
    const value = (of as Read<unknown>)(fields[name]);
    if (value !== undefined) found[name] = value;
  }
  return found as T;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Unreadable();
  return value as Readonly<Record<string, unknown>>;
}

function integer(value: unknown): number {
  // What can be shown as a time, and far more than is counted.
  if (!Number.isInteger(value) || Math.abs(value as number) > 8.64e15) throw new Unreadable();
  return value as number;
}

function truth(value: unknown): boolean {
  if (typeof value !== "boolean") throw new Unreadable();
  return value;
}

function text(longest: number): Read<string> {
  return (value) => {
    if (typeof value !== "string" || value.length > longest) throw new Unreadable();
    return value;
  };
}

function oneOf<const T extends string>(values: readonly T[]): Read<T> {
  return (value) => {
    const found = values.find((one) => one === value);
    if (found === undefined) throw new Unreadable();
    return found;
  };
}

function orNull<T>(reader: Read<T>): Read<T | null> {
  return (value) => (value === null ? null : reader(value));
}
