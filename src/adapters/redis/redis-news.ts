import { randomBytes } from "node:crypto";
import { type Announcement, isService, type News } from "../../domain/index.ts";
import { checkPrefix, DEFAULT_PREFIX } from "./pool-pieces.ts";

export interface Publisher {
  publish(channel: string, message: string): Promise<unknown>;
}

/** A second client, because one that subscribes may be able to do nothing else. */
export interface Subscriber {
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
}

/** News between instances over Redis pub/sub. Both clients are live and stay their owner's. */
export class RedisNews implements News {
  readonly #publisher: Publisher;
  readonly #subscriber: Subscriber;
  readonly #channel: string;
  /** Names this object in what it publishes, so that it knows its own again. */
  readonly #from = randomBytes(9).toString("base64url");

  constructor(publisher: Publisher, subscriber: Subscriber, options: { readonly prefix?: string } = {}) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#channel = `${checkPrefix(options.prefix ?? DEFAULT_PREFIX)}news`;
  }

  async publish(announcement: Announcement): Promise<void> {
    await this.#publisher.publish(
      this.#channel,
      JSON.stringify({ ...plain(announcement), from: this.#from }),
    );
  }

  async subscribe(listener: (announcement: Announcement) => void): Promise<() => Promise<void>> {
    const deliver = (message: string) => {
      const announcement = parseAnnouncement(message, this.#from);
      if (announcement) listener(announcement);
    };
    await this.#subscriber.subscribe(this.#channel, deliver);
    return async () => {
      await this.#subscriber.unsubscribe(this.#channel, deliver);
    };
  }
}

/** The named fields only, because the caller's object may have others. */
function plain(announcement: Announcement): Announcement {
  switch (announcement.kind) {
    case "key-changed":
    case "key-restricted":
      return { kind: announcement.kind, id: announcement.id };
    case "room-made":
      return { kind: announcement.kind, service: announcement.service, region: announcement.region };
    default:
      return { kind: announcement.kind };
  }
}

/** Undefined for what comes from `own`, and for what this version does not know: a newer instance may announce more. */
function parseAnnouncement(message: string, own: string): Announcement | undefined {
  let parsed: Record<string, unknown>;
  try {
    parsed = Object(JSON.parse(message));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { kind, id, service, region, from } = parsed;
  if (from === own) return undefined;
  if (kind === "settings-changed" || kind === "tokens-changed") return { kind };
  if (kind === "room-made") {
    return isService(service) && typeof region === "string" ? { kind, service, region } : undefined;
  }
  if (!Number.isSafeInteger(id)) return undefined;
  if (kind === "key-restricted") return { kind, id: id as number };
  // An older instance announces `key-removed`.
  return kind === "key-changed" || kind === "key-removed"
    ? { kind: "key-changed", id: id as number }
    : undefined;
}
