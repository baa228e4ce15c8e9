import type { SealedPlace, Sealing } from "../adapters/mikro-orm/index.ts";
import {
  createEnvelope,
  type Envelope,
  type MasterKeySource,
  openEnvelope,
  openMasterKey,
} from "../adapters/sealing/index.ts";
import type { Mac } from "../domain/index.ts";

/** Where to say what a person should know. */
export interface Say {
  info(message: string): void;
  warn(message: string): void;
}

/** The sealing of one database; it is open once that is. */
export interface OpenSealing extends Sealing {
  /** What vouches for the tokens in it. */
  tokenMac(): Mac;
}

/** Seals under the master key from this source. Opening throws a `SealingError`. */
export function openSealing(source: MasterKeySource, say: Say): OpenSealing {
  let envelope: Envelope | undefined;
  let step: string | undefined;
  return {
    open: async (database) => {
      const { masterKey, madeFile, warnings } = openMasterKey(source, {
        ...placeOf(database),
        id: database.id,
        hasEnvelope: database.envelope !== undefined,
      });
      if (madeFile !== undefined) {
        say.warn(
          `made the master key ${madeFile}: keep a copy of it in another place, without it no stored secret can be read`,
        );
      }
      for (const warning of warnings) say.warn(warning);
      envelope = database.envelope ? await openEnvelope(masterKey, database.envelope) : createEnvelope();
      return { box: envelope.box, envelope: database.envelope ?? (await envelope.wrap(masterKey)) };
    },
    tokenMac: () => {
      if (envelope === undefined) throw new Error("The database is not open");
      return envelope.macOf("token");
    },
    onUnreadable: (id) => say.warn(`the stored secret of key ${id} does not open, the key is left out`),
    onStep: (stage) => {
      if (step === undefined) say.warn(OLD_COPIES);
      const [next] = stage.split(" ");
      if (next !== step) say.info(`sealing the stored secrets: ${next}`);
      step = next;
    },
  };
}

const OLD_COPIES =
  "the secrets were stored plain until now: backups, snapshots, replicas and archives of the write-ahead log that were made before still hold them, so regenerate the keys where that matters";

function placeOf(database: SealedPlace) {
  return database.kind === "sqlite"
    ? ({ kind: "sqlite", file: database.file } as const)
    : ({ kind: database.kind } as const);
}
