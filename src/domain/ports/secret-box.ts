import type { Service } from "../service.ts";

/** A secret as it is stored, as text that every storage holds unchanged. */
export interface SealedSecret {
  /** What it is found by. */
  readonly fingerprint: string;
  readonly sealed: string;
}

/** A secret as it is stored, with the service that it is of. */
export interface StoredSecret extends SealedSecret {
  readonly service: Service;
}

/** Opens the secrets of a whole storage, one batch after another. */
export interface SecretOpener {
  /** In the order of the batch; undefined as for `SecretBox.open`. Rejects when the opener fails or is closed. */
  open(batch: readonly StoredSecret[]): Promise<readonly (string | undefined)[]>;
  close(): Promise<void>;
}

/** Keeps secrets so that whoever has the storage alone can neither read, exchange nor change them. */
export interface SecretBox {
  /** Never the same text twice, not even for the same secret. */
  seal(service: Service, secret: string): SealedSecret;

  /**
   * The secret; undefined when the pair was not sealed as it is, for this service, with keys that this box has.
   * Costs microseconds, so it is for loading and not for each hand-out.
   */
  open(service: Service, stored: SealedSecret): string | undefined;

  /** For thousands of secrets: opens them while its caller does other things. It has to be closed. */
  opener(): SecretOpener;

  /**
   * Equal for equal secrets of one service and different for all others. Tells nothing about the secret. Stays
   * the same when keys are rotated, so that a storage can keep it unique.
   */
  fingerprint(service: Service, secret: string): string;
}
