import {
  type Asker,
  type Clock,
  DomainError,
  describeProblems,
  draftKey,
  type FieldProblem,
  type ImportEvent,
  importLogDraft,
  isSuccess,
  type Key,
  type KeyId,
  type KeyToAdd,
  type Log,
  type Scope,
  type Service,
  storageUnavailable,
} from "../../domain/index.ts";
import { isWithin } from "../access/in-scope.ts";
import { type AuditTrail, audited } from "../audit/audit-trail.ts";
import type { AddKeyLater, Keyring } from "../keyring/keyring.ts";
import type { Probes } from "../probes/probes.ts";
import { type ImportParts, type ImportPlace, type ReadRow, readImport } from "./read-import.ts";

export interface ImportOptions {
  /** Anything wrong with any row, and nothing is created. Default: true. */
  readonly validateBeforeCreate?: boolean | undefined;
  /** Default: true. When false, every key is created disabled. */
  readonly enableAfterCreate?: boolean | undefined;
  /** Gives keys that exist the row's region, name, tag and limit; never its status. Default: false, they are skipped. */
  readonly overwriteExisting?: boolean | undefined;
  /** Asks Azure about each key first and creates only those that work. Needs a probe. Default: false. */
  readonly testBeforeCreate?: boolean | undefined;
}

export interface Import {
  readonly service: Service;
  readonly parts: ImportParts;
  readonly options?: ImportOptions;
  /** Called after each chunk with how many rows are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Once it is aborted, no other chunk is begun and no other key tested. */
  readonly signal?: AbortSignal | undefined;
  /** Rows outside of it fail, and keys outside of it are not overwritten. Default: all keys. */
  readonly scope?: Scope | undefined;
  /** Who asks, for the audit. Default: nobody, and nothing is written there. */
  readonly asker?: Asker | undefined;
}

export interface ImportResult {
  readonly index: number;
  /** Absent when there is no such key. */
  readonly id?: KeyId;
  /** The key, masked. */
  readonly shown: string;
  readonly status: "created" | "updated" | "skipped" | "failed";
  /** Why it was skipped or failed. */
  readonly error?: string;
  /** What is wrong with the row, if that is why; `error` has them all in one line. */
  readonly problems?: readonly FieldProblem[];
}

export interface ImportOutcome {
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
  /** Rows were wrong and `validateBeforeCreate` kept all others from being created. */
  readonly stopped: boolean;
  /** One for each row, in the order of the rows. */
  readonly results: readonly ImportResult[];
}

/** How far an import has come; `importId` tells it from others. */
export type ImportProgress = Omit<ImportEvent, "kind" | "at">;

/** As many as one transaction takes, so that a chunk is there as a whole or not at all. */
const CHUNK = 500;

/** `fault` is why the rows after this one need not be tried. */
type Outcome = Pick<ImportResult, "id" | "status" | "error" | "problems"> & { readonly fault?: unknown };

const ENDED: Outcome = { status: "failed", error: "Not done, the import was ended before" };

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly log: Log;
  readonly probes: Probes;
  readonly trail: AuditTrail | undefined;
  /** Called when an import begins, after each chunk, and when it has ended, however. */
  readonly onImport?: (progress: ImportProgress) => void;
}

/** Adds many keys. Made again after it was cut short, it skips what is there and does the rest. */
export class ImportKeys {
  readonly #parts: Parts;
  readonly #running = new Set<Promise<ImportOutcome>>();
  readonly #stopping = new AbortController();
  #count = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Throws `probe_unavailable`; `storage_unavailable`, or the signal's reason, when nothing at all was done.
   * What was done before anything else was thrown is logged.
   */
  async execute({ signal, ...asked }: Import): Promise<ImportOutcome> {
    const stopping = this.#stopping.signal;
    const run = this.#import(asked, signal ? AbortSignal.any([signal, stopping]) : stopping);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  /** Ends the imports that run, as their signal would, and lets no other begin; resolves when they have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort(storageUnavailable(new Error("The pool is being stopped")));
    await Promise.allSettled(this.#running);
  }

  async #import(asked: Omit<Import, "signal">, signal: AbortSignal): Promise<ImportOutcome> {
    const { service, parts, options = {}, scope, asker } = asked;
    const rows = await readImport(parts, { service, scope, keyring: this.#parts.keyring });
    if ((options.validateBeforeCreate ?? true) && rows.some((read) => !("row" in read))) return stopped(rows);
    const after = { rows: rows.length, overwriteExisting: options.overwriteExisting ?? false };
    const deed = { act: "import_keys", subject: `${service} keys`, after, signal } as const;
    return audited(this.#parts.trail, asker, deed, () => this.#importRows(rows, asked, signal));
  }

  async #importRows(
    rows: readonly ReadRow[],
    asked: Omit<Import, "signal">,
    signal: AbortSignal,
  ): Promise<ImportOutcome> {
    const results: ImportResult[] = [];
    const tell = this.#teller(asked.service, rows.length);
    tell(results, false);
    try {
      return await this.#importInChunks(rows, asked, signal, results, () => tell(results, false));
    } finally {
      tell(results, true);
    }
  }

  /** Adds to `results` as it goes, and calls `onChunk` after each chunk. */
  async #importInChunks(
    rows: readonly ReadRow[],
    { service, options = {}, onProgress, scope, asker }: Omit<Import, "signal">,
    signal: AbortSignal,
    results: ImportResult[],
    onChunk: () => void,
  ): Promise<ImportOutcome> {
    let fault: unknown;
    let ended = false;
    for (let start = 0; start < rows.length; start += CHUNK) {
      const chunk = rows.slice(start, start + CHUNK);
      const outcomes =
        fault === undefined && !signal.aborted
          ? await this.#importChunk({ service, scope }, chunk, options, signal)
          : chunk.map((read) => notTried(read, fault));
      for (const [at, { fault: met, ...outcome }] of outcomes.entries()) {
        const { index, shown } = chunk[at] as ReadRow;
        results.push({ index, shown, ...outcome });
        // A storage that has refused one chunk would make each of the rest wait for its time-out.
        fault ??= met;
      }
      ended ||= outcomes.includes(ENDED);
      onProgress?.(results.length, rows.length);
      onChunk();
    }
    const outcome = { ...tally(results), stopped: false, results };
    const isDone = outcome.created + outcome.updated > 0;
    if (isDone) await this.#record(service, outcome, asker);
    if (fault !== undefined && !(isDone && fault instanceof DomainError)) throw fault;
    if (ended && !isDone) throw signal.reason;
    return outcome;
  }

  #teller(service: Service, total: number) {
    const { clock, onImport } = this.#parts;
    this.#count += 1;
    const importId = `${clock.now().toString(36)}-${this.#count}`;
    const counts = { created: 0, updated: 0, skipped: 0, failed: 0 };
    let done = 0;
    return (results: readonly ImportResult[], ended: boolean): void => {
      for (; done < results.length; done++) counts[(results[done] as ImportResult).status]++;
      const { created, skipped, failed } = counts;
      onImport?.({ importId, service, total, done, created, skipped, failed, ended });
    };
  }

  async #importChunk(
    { service, scope }: ImportPlace,
    chunk: readonly ReadRow[],
    options: ImportOptions,
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const refusals = options.testBeforeCreate ? await this.#probeAll(service, chunk, signal) : undefined;
    return this.#parts.keyring.addTogether((add) =>
      Promise.all(
        chunk.map(async (read) => {
          if (!("row" in read)) return malformed(read);
          const refusal = refusals?.get(read.row.secret);
          return refusal ?? this.#importRow({ service, scope }, read.row, options, add).catch(failed);
        }),
      ),
    );
  }

  /** What becomes of the new keys that Azure does not take, by secret. */
  async #probeAll(
    service: Service,
    chunk: readonly ReadRow[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Outcome>> {
    const rows = chunk.flatMap((read) => ("row" in read ? [read.row] : []));
    const refusals = new Map<string, Outcome>();
    const width = this.#parts.probes.width;
    let fault: unknown;
    // No more at a time than may run at a time, or the last would spend their deadline waiting.
    for (let start = 0; start < rows.length; start += width) {
      await Promise.all(
        rows.slice(start, start + width).map(async (row) => {
          const refusal = fault === undefined ? await this.#probe(service, row, signal) : failed(fault);
          fault ??= refusal?.fault;
          if (refusal) refusals.set(row.secret, refusal);
        }),
      );
    }
    return refusals;
  }

  /** Undefined for a key that works, or need not be asked about. */
  async #probe(
    service: Service,
    { secret, region }: KeyToAdd,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    try {
      if (await this.#parts.keyring.find(service, secret)) return undefined;
      if (signal.aborted) return ENDED;
      const { verdict } = await this.#parts.probes.tryKey({ service, secret, region });
      if (verdict.source === "service" && isSuccess(verdict.code)) return undefined;
      const said = `Not created, the test says: ${verdict.code} ${verdict.reason}`;
      return { status: "failed", error: this.#parts.keyring.cleanNote(said, secret) };
    } catch (error) {
      if (error instanceof DomainError && error.code === "probe_unavailable") throw error;
      return failed(error);
    }
  }

  async #importRow(
    { service, scope }: ImportPlace,
    row: KeyToAdd,
    options: ImportOptions,
    add: AddKeyLater,
  ): Promise<Outcome> {
    const { keyring } = this.#parts;
    const key = await this.#add(service, row, options, add);
    if (key) return { id: key.id, status: "created" };
    const existing = await keyring.bySecret(service, row.secret);
    if (!options.overwriteExisting || !isWithin(scope, existing)) {
      const id = isWithin(scope, existing) && { id: existing.id };
      return { ...id, status: "skipped", error: "Key already exists" };
    }
    const { secret, enabled, ...changes } = row;
    await keyring.describe(existing.id, changes, null);
    return { id: existing.id, status: "updated" };
  }

  /** Undefined when the service has the key already. */
  async #add(
    service: Service,
    row: KeyToAdd,
    { enableAfterCreate = true }: ImportOptions,
    add: AddKeyLater,
  ): Promise<Key | undefined> {
    const enabled = row.enabled && enableAfterCreate;
    try {
      return await add(draftKey(service, { ...row, enabled }, this.#parts.clock.now()), null);
    } catch (error) {
      if (error instanceof DomainError && error.code === "key_exists") return undefined;
      throw error;
    }
  }

  #record(
    service: Service,
    { created, updated, skipped, failed }: ImportOutcome,
    asker: Asker | undefined,
  ): Promise<void> {
    const { clock, log } = this.#parts;
    const note = `${created} created, ${updated} updated, ${skipped} skipped, ${failed} failed`;
    return log.append(importLogDraft(service, { at: clock.now(), note, asker }));
  }
}

function stopped(rows: readonly ReadRow[]): ImportOutcome {
  const results = rows.map((read): ImportResult => {
    const { index, shown } = read;
    if (!("row" in read)) return { index, shown, ...malformed(read) };
    return { index, shown, status: "skipped", error: "Not created, because other rows are not valid" };
  });
  return { ...tally(results), stopped: true, results };
}

function malformed({ problems }: Extract<ReadRow, { problems: unknown }>): Outcome {
  return { status: "failed", error: describeProblems(problems), problems };
}

function notTried(read: ReadRow, fault: unknown): Outcome {
  if (!("row" in read)) return malformed(read);
  return fault === undefined ? ENDED : failed(fault);
}

function failed(error: unknown): Outcome {
  if (!(error instanceof DomainError)) return { status: "failed", error: "Internal error", fault: error };
  const { message, problems } = error;
  const outcome: Outcome = { status: "failed", error: message, ...(problems.length > 0 && { problems }) };
  return error.code === "storage_unavailable" ? { ...outcome, fault: error } : outcome;
}

function tally(results: readonly ImportResult[]): Omit<ImportOutcome, "stopped" | "results"> {
  const counts = { created: 0, updated: 0, skipped: 0, failed: 0 };
  for (const { status } of results) counts[status]++;
  return counts;
}
