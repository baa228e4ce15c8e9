import type { ImportOutcome, ImportVerdict } from "../../application/index.ts";

export function presentImport({ created, updated, skipped, failed, results }: ImportOutcome) {
  return {
    total: results.length,
    success: created + updated,
    failed,
    skipped,
    results: results.map(({ index, id, shown, status, error }) => ({ index, id, key: shown, status, error })),
  };
}

export function presentImportVerdict({ total, problems, warnings }: ImportVerdict) {
  return { valid: problems.length === 0, total, errors: problems, warnings };
}
