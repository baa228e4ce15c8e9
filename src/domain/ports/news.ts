import type { KeyId } from "../key.ts";

/** That something durable has changed, not to what: who hears it reads it anew. Holds no secret. */
export type Announcement =
  /** `key-changed`: added, described anew, or given another standing. */
  | { readonly kind: "key-changed" | "key-removed"; readonly id: KeyId }
  | { readonly kind: "settings-changed" };

/**
 * Tells the instances that share a database what one of them changed. Announcements may be lost, so nothing
 * may rest on them alone. An unreachable backend throws its own errors.
 */
export interface News {
  /** Resolves when the announcement has been given away, not when it has been heard. */
  publish(announcement: Announcement): Promise<void>;

  /**
   * Calls `listener`, which must not throw, with every announcement from now on, this process' own included.
   * Resolves once it listens, with the function that ends it.
   */
  subscribe(listener: (announcement: Announcement) => void): Promise<() => Promise<void>>;
}
