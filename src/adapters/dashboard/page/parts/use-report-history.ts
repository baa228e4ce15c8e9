import { useEffect, useState } from "preact/hooks";
import type { CountedReports, ReportHistory } from "../app/answers.ts";
import { ApiFailure, ask } from "../app/api.ts";
import { now } from "../app/clock.ts";
import { firstHour } from "./report-hours.ts";

const MINUTE_MS = 60_000;

interface Counted {
  readonly counts?: readonly CountedReports[];
  readonly failure?: ApiFailure;
}

/**
 * What was reported in the last hours, of a key or of all. Read anew each minute and when `version` changes, and not at
 * each report: the server reads all rows of that time for it.
 */
export function useReportHistory(
  of: { readonly service?: string; readonly key_id?: number },
  version = 0,
): Counted {
  const [counted, setCounted] = useState<Counted>({});
  const { service, key_id } = of;
  const minute = Math.floor(now.value / MINUTE_MS);
  useEffect(() => {
    const ending = new AbortController();
    const query = { service, key_id, from: firstHour(Date.now()), bucket_seconds: 3600 };
    ask<ReportHistory>("GET", "/reports/history", { query, signal: ending.signal }).then(
      ({ counts }) => {
        if (!ending.signal.aborted) setCounted({ counts });
      },
      (error: unknown) => {
        if (ending.signal.aborted) return;
        if (!(error instanceof ApiFailure)) throw error;
        setCounted((before) => ({ ...before, failure: error }));
      },
    );
    return () => ending.abort();
  }, [service, key_id, minute, version]);
  return counted;
}
