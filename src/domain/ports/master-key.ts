/**
 * The one key that is kept outside the storage: in a variable, a file or a key vault. It wraps the other keys
 * and does nothing else, so it is asked at the start and when keys are rotated. An unreachable vault throws its
 * own errors.
 */
export interface MasterKey {
  /** Where it is from, for people, such as `MASTER_KEY`. Not a secret. */
  readonly name: string;

  /** Keeps no reference to the bytes: the caller overwrites them afterwards. */
  wrap(bytes: Uint8Array): Promise<Uint8Array>;

  /**
   * Undefined when the bytes are not exactly what this key has wrapped. The answer is the caller's, who
   * overwrites it.
   */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array | undefined>;
}
