import { readFileSync } from "node:fs";
import type { ImportedRow, ImportReport, ImportRow, KeyPoolClient } from "../../../adapters/client/index.ts";
import { maskSecret, type Service } from "../../../domain/index.ts";
import { CommandFailed, EXIT, type ExitCode } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { tableOf } from "../output/table.ts";
import type { ImportFile } from "./import-file.ts";
import { formatOf, type ImportFormat } from "./import-format.ts";

interface ImportOptions {
  readonly format?: ImportFormat;
  readonly service?: Service;
  readonly region?: string;
  readonly tag?: string;
  readonly overwrite?: boolean;
  readonly test?: boolean;
  readonly disabled?: boolean;
  readonly dryRun?: boolean;
}

/** A request has time for this many, also where Azure is asked about each. */
const CHUNK = 500;
const TESTED_CHUNK = 20;

/** Imports all rows or, where any of them has a fault of form, none. Ends with 1 when a row failed. */
export async function importKeys(
  invocation: Invocation,
  options: ImportOptions,
  [file = "-"]: readonly string[],
): Promise<ExitCode> {
  const { pool } = invocation;
  const found = await read(invocation, file, options.format);
  const service = options.service ?? found.service ?? "speech";
  const rows = found.rows.map((row) => completed(row, options));
  const faults = await faultsOf(pool, service, rows);
  if (faults.length > 0 || options.dryRun) return tellFaults(invocation, rows.length, faults);
  const report = await sendChunks(invocation, service, rows, options);
  invocation.answer(report, () => resultTable(report.results.filter(isWorthALine(invocation))));
  const { success, skipped, failed } = report;
  invocation.remark(`${success} of ${rows.length} imported, ${skipped} skipped, ${failed} failed`);
  return failed > 0 ? EXIT.failed : EXIT.done;
}

async function read({ terminal }: Invocation, file: string, given?: ImportFormat): Promise<ImportFile> {
  const text = file === "-" ? await terminal.readInput() : contentOf(file);
  // Loaded only here: it knows how the server reads a file.
  const { readImportFile } = await import("./import-file.ts");
  return readImportFile(text, given ?? formatOf(file, text));
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** What the file does not say, as the command does; what nobody says, the server finds missing. */
function completed(row: Partial<ImportRow>, { region, tag }: ImportOptions): ImportRow {
  if (typeof row !== "object" || row === null) return row;
  const filled = { ...row, region: row.region || region, tag: row.tag || tag };
  return JSON.parse(JSON.stringify(filled)) as ImportRow;
}

interface RowFault {
  readonly index: number;
  /** Masked. */
  readonly key: string;
  readonly error: string;
}

async function faultsOf(
  pool: KeyPoolClient,
  service: Service,
  rows: readonly ImportRow[],
): Promise<readonly RowFault[]> {
  const maskedOf = (index: number) => maskSecret(String(Object(rows[index]).key ?? ""));
  const { errors } = await pool.validateImport(service, rows);
  return errors.map(({ index, field, message }) => ({
    index,
    key: maskedOf(index),
    error: countedFromOne(`${field}: ${message}`),
  }));
}

function tellFaults(invocation: Invocation, total: number, faults: readonly RowFault[]): ExitCode {
  const found = { total, valid: faults.length === 0, errors: faults };
  const columns = [
    { title: "ROW", of: ({ index }: RowFault) => index + 1, align: "right" },
    { title: "KEY", of: ({ key }: RowFault) => key },
    { title: "FAULT", of: ({ error }: RowFault) => error },
  ] as const;
  invocation.answer(found, () =>
    faults.length === 0 ? [`${total} keys, nothing is wrong`] : tableOf(faults, columns),
  );
  if (faults.length === 0) return EXIT.done;
  invocation.remark("nothing was imported");
  return EXIT.failed;
}

async function sendChunks(
  invocation: Invocation,
  service: Service,
  rows: readonly ImportRow[],
  { overwrite = false, test = false, disabled = false }: ImportOptions,
): Promise<ImportReport> {
  const options = { overwriteExisting: overwrite, testBeforeCreate: test, enableAfterCreate: !disabled };
  const { pool } = invocation;
  const progress = invocation.progress("importing");
  const size = test ? TESTED_CHUNK : CHUNK;
  let all: ImportReport = { total: rows.length, success: 0, failed: 0, skipped: 0, results: [] };
  try {
    for (let from = 0; from < rows.length; from += size) {
      progress.show(from, rows.length);
      const part = await pool.importKeys(service, rows.slice(from, from + size), options);
      all = {
        ...all,
        success: all.success + part.success,
        failed: all.failed + part.failed,
        skipped: all.skipped + part.skipped,
        results: [...all.results, ...part.results.map((row) => ({ ...row, index: row.index + from }))],
      };
    }
  } catch (error) {
    progress.end();
    invocation.remark(
      `${all.results.length} of ${rows.length} rows were done before this; run it again to go on`,
    );
    throw error;
  }
  progress.end();
  return all;
}

/** The API counts rows from 0, people and their editors from 1. */
function countedFromOne(message: string): string {
  return message.replace(/\bin row (\d+)$/, (_, row: string) => `in row ${Number(row) + 1}`);
}

/** With `--quiet`, only what somebody has to look at. */
function isWorthALine({ isQuiet }: Invocation) {
  return ({ status }: ImportedRow) => !isQuiet || status === "failed";
}

function resultTable(results: readonly ImportedRow[]): readonly string[] {
  if (results.length === 0) return [];
  return tableOf(results, [
    { title: "ROW", of: ({ index }) => index + 1, align: "right" },
    { title: "KEY", of: ({ key }) => key },
    { title: "RESULT", of: ({ status }) => status },
    { title: "ID", of: ({ id }) => id ?? null, align: "right" },
    { title: "WHY", of: ({ error }) => error ?? null },
  ]);
}
