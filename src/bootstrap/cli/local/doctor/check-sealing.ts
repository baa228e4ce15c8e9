import type { InspectedDatabase } from "../../../../adapters/mikro-orm/index.ts";
import {
  type Envelope,
  type MasterKeySource,
  openEnvelope,
  openMasterKey,
  SealingError,
} from "../../../../adapters/sealing/index.ts";
import { type Finding, fault, good, warning } from "./finding.ts";

/** Whether the master key opens what the database holds. Makes no key, and takes over none. */
export async function checkSealing(
  { sealing, file, pending }: InspectedDatabase,
  source: MasterKeySource,
): Promise<{ readonly envelope: Envelope | undefined; readonly findings: readonly Finding[] }> {
  const none = (...findings: readonly Finding[]) => ({ envelope: undefined, findings });
  if (pending.length > 0) return none();
  if (sealing?.envelope === undefined) {
    return none(warning("the secrets in the database are stored plain", "the next start seals them"));
  }
  const { id, envelope: stored, stage } = sealing;
  const place = file === undefined ? ({ kind: "postgres" } as const) : ({ kind: "sqlite", file } as const);
  try {
    const { masterKey, warnings, next } = openMasterKey(source, { id, hasEnvelope: true, ...place });
    const opened = await openEnvelope(masterKey, stored).catch((error: unknown) => {
      if (next === undefined) throw error;
      return openEnvelope(next.masterKey, stored);
    });
    const findings = [
      good(`the master key from ${masterKey.name} opens the database`),
      ...warnings.map((line) => warning(line)),
      ...(stage === "sealed"
        ? []
        : [warning(`sealing the secrets was cut off (${stage})`, "the next start goes on with it")]),
    ];
    return { envelope: opened, findings };
  } catch (error) {
    if (!(error instanceof SealingError)) throw error;
    return none(fault(error.message));
  }
}
