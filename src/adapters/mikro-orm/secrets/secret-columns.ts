import type { KeyDraft, KeyId, SecretBox, Service, StoredSecret } from "../../../domain/index.ts";
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
  /** For a reading of so many rows. It has to be closed. */
  reader(rows: number): SecretReader;
}

/** Reads the secrets of a whole table. */
export interface SecretReader {
  /** Of whole rows, in their order; undefined for one that does not open. */
  secretsOf(rows: readonly Row[]): Promise<readonly (string | undefined)[]>;
  close(): Promise<void>;
}

export const PLAIN_SECRETS: SecretColumns = {
  columns: ["secret"],
  unique: "service, secret",
  fault: undefined,
  valuesOf: ({ secret }) => [secret],
  find: (service, secret) => ({ where: "service = ? and secret = ?", values: [service, secret] }),
  secretOf: (row) => row.secret as string,
  reader: () => readerInTurn((row) => row.secret as string),
};

/** Fewer rows are opened sooner than a thread has started. */
const ROWS_FOR_OPENER = 10_000;

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
    return this.#noted(row, openRow(this.#box, row));
  }

  reader(rows: number): SecretReader {
    if (rows < ROWS_FOR_OPENER) return readerInTurn((row) => this.secretOf(row));
    const opener = this.#box.opener();
    return {
      secretsOf: async (some) => {
        const opened = await opener.open(some.map(toStored));
        return some.map((row, n) => this.#noted(row, opened[n]));
      },
      close: () => opener.close(),
    };
  }

  #noted(row: Row, secret: string | undefined): string | undefined {
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
export function openRow(box: SecretBox, row: Row): string | undefined {
  const stored = toStored(row);
  return box.open(stored.service, stored);
}

function readerInTurn(secretOf: (row: Row) => string | undefined): SecretReader {
  return { secretsOf: async (rows) => rows.map(secretOf), close: async () => {} };
}

function toStored({ service, fingerprint, sealed }: Row): StoredSecret {
  return { service: service as Service, fingerprint: textOf(fingerprint), sealed: textOf(sealed) };
}

/** What is no text is as one that does not open. */
function textOf(value: SqlValue | undefined): string {
  return typeof value === "string" ? value : "";
}
