import type { KeyId } from "../key.ts";
import type { Service } from "../service.ts";

/**
 * That something has changed, never to what. It means "read again": the listener asks the database, where nothing else
 * is said, and believes only that. Holds no secret.
 */
export type Announcement =
  /** The key was added, described anew, given another standing, or removed. */
  | { readonly kind: "key-changed"; readonly id: KeyId }
  /**
   * In the cooldown store the key is out of reach, and the database does not know yet: it is slow, or away. The listener
   * asks the store.
   */
  | { readonly kind: "key-restricted"; readonly id: KeyId }
  | { readonly kind: "settings-changed" }
  /** One was made or revoked. */
  | { readonly kind: "tokens-changed" }
  /** A key of this place had no room for a lease, and has again: those who wait for one may ask. Nothing is read. */
  | { readonly kind: "room-made"; readonly service: Service; readonly region: string };

/**
 * Carries announcements between the instances that share a database. Any of them may be lost, repeated or
 * forged, so nothing may rest on them alone. An unreachable backend throws its own errors.
 */
export interface News {
  /** Resolves when the announcement is on its way, not when it has been heard. */
  publish(announcement: Announcement): Promise<void>;

  /**
   * Calls `listener`, which must not throw, with every announcement from now on; those of this object may be left out,
   * for who publishes knows. Resolves once it listens, with the function that ends it.
   */
  subscribe(listener: (announcement: Announcement) => void): Promise<() => Promise<void>>;
}
