import type { KeyDraft, KeyId, SecretBox, Service } from "../../../domain/index.ts";
import type { Row, SqlValue } from "../row.ts";
import type { SqlFault } from "../sql-fault.ts";

/** How the secrets of a database are stored: the columns that only one of the two layouts has. */
export interface SecretColumns {
  /** Of a new row, in the order of `valuesOf`. */
  readonly columns: readonly string[];
  /** The columns that no two keys have alike. */
  readonly unique: string;
  /** What is wrong with stored secrets; undefined if nothing. Holds no secret. */
  readonly fault: SqlFault | undefined;
  valuesOf(draft: Pick<KeyDraft, "service" | "secret">): SqlValue[];
  /** The condition that finds the key of a secret. */
  find(service: Service, secret: string): { readonly where: string; readonly values: SqlValue[] };
  /** Of a whole row; undefined when it does not open. */
  secretOf(row: Row): string | undefined;
}

export const PLAIN_SECRETS: SecretColumns = {
  columns: ["secret"],
  unique: "service, secret",
  fault: undefined,
  valuesOf: ({ secret }) => [secret],
  find: (service, secret) => ({ where: "service = ? and secret = ?", values: [service, secret] }),
  secretOf: (row) => row.secret as string,
};

/** Ids that a message names. */
const NAMED = 10;

/** A row that does not open is left out, and named, once; the others are as they are. */
export class SealedSecrets implements SecretColumns {
  readonly columns = ["fingerprint", "sealed"];
  readonly unique = "fingerprint";
  readonly #box: SecretBox;
  readonly #onUnreadable: (id: KeyId) => void;
  readonly #unreadable = new Set<KeyId>();

  constructor(box: SecretBox, onUnreadable: (id: KeyId) => void = () => {}) {
    this.#box = box;
    this.#onUnreadable = onUnreadable;
  }

  get fault(): SqlFault | undefined {
    const { size } = this.#unreadable;
    if (size === 0) return undefined;
    const named = [...this.#unreadable].slice(0, NAMED).join(", ");
    const others = size > NAMED ? " and others" : "";
    return { reason: `${size} stored secrets do not open, of the keys ${named}${others}` };
  }

  valuesOf({ service, secret }: Pick<KeyDraft, "service" | "secret">): SqlValue[] {
    const { fingerprint, sealed } = this.#box.seal(service, secret);
    return [fingerprint, sealed];
  }

  find(service: Service, secret: string): { readonly where: string; readonly values: SqlValue[] } {
    return { where: "fingerprint = ?", values: [this.#box.fingerprint(service, secret)] };
  }

  secretOf(row: Row): string | undefined {
    const secret = openRow(this.#box, row);
    const id = row.id as KeyId;
    if (secret !== undefined) this.#unreadable.delete(id);
    else if (!this.#unreadable.has(id)) {
      this.#unreadable.add(id);
      this.#onUnreadable(id);
    }
    return secret;
  }
}

/** The secret of a row with `service`, `fingerprint` and `sealed`; undefined when it does not open. */
export function openRow(box: SecretBox, { service, fingerprint, sealed }: Row): string | undefined {
  if (typeof fingerprint !== "string" || typeof sealed !== "string") return undefined;
  return box.open(service as Service, { fingerprint, sealed });
}
