import type { SealedPlace, Sealing } from "../adapters/mikro-orm/index.ts";
import {
  createEnvelope,
  type Envelope,
  type MasterKeySource,
  makeNextMasterKey,
  type NextMasterKey,
  openEnvelope,
  openMasterKey,
  type SealedDatabase,
} from "../adapters/sealing/index.ts";
import type { Mac, MasterKey } from "../domain/index.ts";

/** Where to say what a person should know. */
export interface Say {
  info(message: string): void;
  warn(message: string): void;
}

/** The sealing of one database; it is open once that is. */
export interface OpenSealing extends Sealing {
  /** What vouches for the tokens in it, and for its audit. */
  macOf(purpose: "token" | "audit"): Mac;
  envelope(): Envelope;
  /** The bytes to store of an envelope, under the master key that the database was opened with. */
  wrapped(envelope: Envelope): Promise<Uint8Array>;
  /** Another master key for the same database; a new file where it is our own. Throws a `SealingError`. */
  otherMasterKey(source: MasterKeySource): NextMasterKey;
}

/** Seals under the master key from this source. Opening throws a `SealingError`. */
export function openSealing(source: MasterKeySource, say: Say): OpenSealing {
  let opened:
    | { readonly masterKey: MasterKey; readonly envelope: Envelope; readonly at: SealedDatabase }
    | undefined;
  const ofOpened = () => {
    if (opened === undefined) throw new Error("The database is not open");
    return opened;
  };
  const masterKeyOf = (from: MasterKeySource, at: SealedDatabase) => {
    const { masterKey, madeFile, warnings, next } = openMasterKey(from, at);
    if (madeFile !== undefined) {
      say.warn(
        `made the master key ${madeFile}: keep a copy of it in another place, without it no stored secret can be read`,
      );
    }
    for (const warning of warnings) say.warn(warning);
    return { masterKey, next };
  };
  let step: string | undefined;
  return {
    open: async (database) => {
      const { envelope: stored, id } = database;
      const at = { ...placeOf(database), id, hasEnvelope: stored !== undefined };
      const found = masterKeyOf(source, at);
      // A rotation that was cut off has stored its envelope, and not renamed its file.
      const isNext = stored && found.next && (await opens(found.next.masterKey, stored));
      if (isNext) found.next?.takeOver();
      const masterKey = isNext && found.next ? found.next.masterKey : found.masterKey;
      const envelope = stored ? await openEnvelope(masterKey, stored) : createEnvelope();
      opened = { masterKey, envelope, at };
      return { box: envelope.box, envelope: stored ?? (await envelope.wrap(masterKey)) };
    },
    macOf: (purpose) => ofOpened().envelope.macOf(purpose),
    envelope: () => ofOpened().envelope,
    wrapped: (envelope) => envelope.wrap(ofOpened().masterKey),
    otherMasterKey: (from) =>
      from.kind === "own-file"
        ? makeNextMasterKey(from.folder, ofOpened().at)
        : { masterKey: masterKeyOf(from, ofOpened().at).masterKey, takeOver: () => {} },
    onUnreadable: (id) => say.warn(`the stored secret of key ${id} does not open, the key is left out`),
    onStep: (stage) => {
      if (step === undefined) say.warn(OLD_COPIES);
      const [next] = stage.split(" ");
      if (next !== step) say.info(`sealing the stored secrets: ${next}`);
      step = next;
    },
  };
}

async function opens(masterKey: MasterKey, envelope: Uint8Array): Promise<boolean> {
  const bytes = await masterKey.unwrap(envelope);
  bytes?.fill(0);
  return bytes !== undefined;
}

const OLD_COPIES =
  "the secrets were stored plain until now: backups, snapshots, replicas and archives of the write-ahead log that were made before still hold them, so regenerate the keys where that matters";

function placeOf(database: SealedPlace) {
  return database.kind === "sqlite"
    ? ({ kind: "sqlite", file: database.file } as const)
    : ({ kind: database.kind } as const);
}
