import type { ImportOutcome, ImportVerdict } from "../../application/index.ts";
import type { RowProblem } from "../../domain/index.ts";
import { LongList } from "./long-list.ts";

export function presentImport({ created, updated, skipped, failed, results }: ImportOutcome) {
  return {
    total: results.length,
    success: created + updated,
    failed,
    skipped,
    results: new LongList(results, ({ index, id, shown, status, error }) => ({
      index,
      id,
      key: shown,
      status,
      error,
    })),
  };
}

export function presentImportVerdict({ total, problems, warnings }: ImportVerdict) {
  return {
    valid: problems.length === 0,
    total,
    errors: new LongList(problems, presentProblem),
    warnings: new LongList(warnings, presentProblem),
  };
}

function presentProblem({ index, field, message }: RowProblem) {
  return { index, field, message };
}
