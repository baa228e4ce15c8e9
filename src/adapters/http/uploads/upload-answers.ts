import type {
  ImportOptions,
  ImportOutcome,
  ImportResult,
  ImportVerdict,
} from "../../../application/index.ts";
import { describeProblems, type KeyId, type RowProblem, type Service } from "../../../domain/index.ts";
import { LongList } from "../server/long-list.ts";
import { wireProblems } from "../server/wire-names.ts";

/** A file to fill in; its placeholders are refused as keys. */
export interface ImportTemplate {
  readonly type: Service;
  readonly keys: readonly TemplateRow[];
  readonly options: Readonly<Record<keyof ImportOptions, boolean>>;
}

export interface TemplateRow {
  readonly key: string;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string;
  readonly status: "enabled" | "disabled";
  readonly max_in_flight: number | null;
}

/** What is wrong with a file. */
export interface ImportFindings {
  readonly valid: boolean;
  readonly total: number;
  readonly errors: readonly RowFinding[];
  /** Keys that are in the pool already. */
  readonly warnings: readonly RowFinding[];
}

/** One bad field of one row, counted from 0. */
export interface RowFinding {
  readonly index: number;
  readonly field: string;
  readonly message: string;
}

/** What became of each row. */
export interface ImportReport {
  readonly total: number;
  /** Rows that created or changed a key. */
  readonly success: number;
  readonly failed: number;
  readonly skipped: number;
  /** One for each row, in the order of the rows. */
  readonly results: readonly ImportedRow[];
}

export interface ImportedRow {
  readonly index: number;
  /** Absent when there is no such key. */
  readonly id?: KeyId;
  /** The secret's first four characters and `***`. */
  readonly key: string;
  readonly status: "created" | "updated" | "skipped" | "failed";
  /** Why it was skipped or failed. */
  readonly error?: string;
}

/** An answer whose lists are made while it is sent. */
type InPieces<T> = { readonly [Name in keyof T]: T[Name] extends readonly unknown[] ? LongList : T[Name] };

export function presentImport({
  created,
  updated,
  skipped,
  failed,
  results,
}: ImportOutcome): InPieces<ImportReport> {
  return {
    total: results.length,
    success: created + updated,
    failed,
    skipped,
    results: LongList.of(results, presentResult),
  };
}

export function presentImportVerdict({ total, problems, warnings }: ImportVerdict): InPieces<ImportFindings> {
  return {
    valid: problems.length === 0,
    total,
    errors: LongList.of(wireProblems(problems), presentProblem),
    warnings: LongList.of(wireProblems(warnings), presentProblem),
  };
}

/** Why a row was skipped or failed, its fields named as they were sent. */
export function importErrorOf({ error, problems }: ImportResult): string | undefined {
  return problems ? describeProblems(wireProblems(problems)) : error;
}

function presentResult(result: ImportResult): ImportedRow {
  const { index, id, shown, status } = result;
  const error = importErrorOf(result);
  return {
    index,
    ...(id !== undefined && { id }),
    key: shown,
    status,
    ...(error !== undefined && { error }),
  };
}

function presentProblem({ index, field, message }: RowProblem): RowFinding {
  return { index, field, message };
}
