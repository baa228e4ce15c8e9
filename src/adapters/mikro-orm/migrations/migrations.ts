import { AuditTable } from "./audit-table.ts";
import { FirstTables } from "./first-tables.ts";
import { KeyLimit } from "./key-limit.ts";
import { KeyPlacement } from "./key-placement.ts";
import { LogActor } from "./log-actor.ts";
import { Sealing } from "./sealing.ts";
import { TokensTable } from "./tokens-table.ts";

/** Runs where the database is new, and nowhere else. */
export const FIRST_MIGRATION = "0001_first_tables";

/** In the order in which they run. Named apart from the classes, whose names a bundler may change. */
export const MIGRATIONS = [
  { name: FIRST_MIGRATION, class: FirstTables },
  { name: "0002_key_placement", class: KeyPlacement },
  { name: "0003_tokens", class: TokensTable },
  { name: "0004_sealing", class: Sealing },
  { name: "0005_audit", class: AuditTable },
  { name: "0006_log_actor", class: LogActor },
  { name: "0007_key_limit", class: KeyLimit },
];
