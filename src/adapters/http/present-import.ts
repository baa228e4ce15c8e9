import type { ImportOutcome, ImportResult, ImportVerdict } from "../../application/index.ts";
import { describeProblems, type RowProblem } from "../../domain/index.ts";
import { LongList } from "./long-list.ts";
import { wireProblems } from "./wire-names.ts";

export function presentImport({ created, updated, skipped, failed, results }: ImportOutcome) {
  return {
    total: results.length,
    success: created + updated,
    failed,
    skipped,
    results: new LongList(results, (result) => ({
      index: result.index,
      id: result.id,
      key: result.shown,
      status: result.status,
      error: importErrorOf(result),
    })),
  };
}

/** Why a row was skipped or failed, its fields named as they were sent. */
export function importErrorOf({ error, problems }: ImportResult): string | undefined {
  return problems ? describeProblems(wireProblems(problems)) : error;
}

export function presentImportVerdict({ total, problems, warnings }: ImportVerdict) {
  return {
    valid: problems.length === 0,
    total,
    errors: new LongList(wireProblems(problems), presentProblem),
    warnings: new LongList(wireProblems(warnings), presentProblem),
  };
}

function presentProblem({ index, field, message }: RowProblem) {
  return { index, field, message };
}
