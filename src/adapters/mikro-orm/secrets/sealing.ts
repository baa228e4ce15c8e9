import type { KeyId, SecretBox } from "../../../domain/index.ts";

/** The database whose secrets are sealed. */
export type SealedPlace = {
  /** 32 hexadecimal digits that name it, also when it is moved. No secret. */
  readonly id: string;
  /** The keys that its secrets are sealed with, wrapped; undefined while it has none. */
  readonly envelope: Uint8Array | undefined;
} & ({ readonly kind: "sqlite"; readonly file: string } | { readonly kind: "memory" | "postgres" });

export interface OpenedSealing {
  /** `prefix` begins everything that it seals, so that what another data key has sealed is found. */
  readonly box: SecretBox & { readonly prefix: string };
  /** What is stored, so that the next start opens the same box. */
  readonly envelope: Uint8Array;
}

/** Seals the secrets of a database. */
export interface Sealing {
  /**
   * Asked once for each opening, while the database is this process's. What it answers is stored before anything is
   * sealed. What it throws reaches who opens the database.
   */
  open(database: SealedPlace): Promise<OpenedSealing>;

  /** Leaves a database as it is whose secrets are stored plain. */
  readonly keepsPlain?: boolean;

  /** Called once for each key whose stored secret does not open. It is left out. */
  readonly onUnreadable?: (id: KeyId) => void;

  /** Called where sealing the plain secrets of a database begins a step; for people. */
  readonly onStep?: (step: string) => void;
}
