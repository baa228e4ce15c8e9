import type { Key, KeyId, Service } from "../../../domain/index.ts";
import type { LongList } from "../server/long-list.ts";

/** A key with its secret. */
export interface RevealedKey {
  readonly id: KeyId;
  readonly key: string;
  readonly region: string;
  readonly keyname: string;
}

/** A file that an import takes back as it is. */
export interface ExportFile {
  readonly type: Service;
  readonly keys: readonly ExportedKey[];
}

export interface ExportedKey {
  readonly key: string;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string | null;
  /** What an import can give a key; one that rests is enabled. */
  readonly status: "enabled" | "disabled";
  readonly max_in_flight: number | null;
}

/** The file as it is sent, its keys made meanwhile. */
export type ExportInPieces = Omit<ExportFile, "keys"> & { readonly keys: LongList };

export function presentRevealed({ id, secret, region, name }: Key): RevealedKey {
  return { id, key: secret, region, keyname: name };
}

export function presentExported({ secret, region, name, tag, standing, maxInFlight }: Key): ExportedKey {
  const { status } = standing;
  return { key: secret, region, keyname: name, tag, status, max_in_flight: maxInFlight };
}
