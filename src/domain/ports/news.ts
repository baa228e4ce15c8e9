import type { KeyId } from "../key.ts";

/** What another instance should look up anew. Says what changed, never to what, and nothing secret. */
export type Announcement =
  | { readonly kind: "key-changed" | "key-removed"; readonly id: KeyId }
  | { readonly kind: "settings-changed" };

/** Tells other instances of changes that are durable. Any message may be lost; own ones may come back. */
export interface News {
  /** Resolves when the message is on its way; rejects when it cannot be sent. */
  publish(announcement: Announcement): Promise<void>;

  /** Hears what is published from now on. Answers how to stop. */
  subscribe(listener: (announcement: Announcement) => void): Promise<() => Promise<void>>;
}
