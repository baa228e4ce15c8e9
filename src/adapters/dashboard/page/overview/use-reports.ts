import { useEffect, useState } from "preact/hooks";
import type { LogPage } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { connection, listen } from "../app/live.ts";
import { useData } from "../app/use-data.ts";
import { MINUTES, type Reported } from "./report-counts.ts";

/** As many rows as one page of the log can have. */
const MOST_ROWS = 1000;
const MOST_KEPT = 100_000;

/** The reports of the last minutes: from the log at first, then as they happen. */
export function useReports(): readonly Reported[] {
  const isLive = connection.value === "live";
  const { data } = useData(`reports ${isLive}`, ["reset"], readReports);
  const [heard, setHeard] = useState<readonly Reported[]>([]);
  // What the log has told now was heard before.
  useEffect(() => setHeard([]), [data]);
  useEffect(() => {
    let waiting: Reported[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen((event) => {
      if (event.kind !== "report") return;
      waiting.push({ at: event.data.at, code: event.data.code });
      timer ??= setTimeout(() => {
        const some = waiting;
        waiting = [];
        timer = undefined;
        setHeard((before) => [...before, ...some].slice(-MOST_KEPT));
      }, 250);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  return [...(data ?? []), ...heard];
}

async function readReports(signal: AbortSignal): Promise<readonly Reported[]> {
  const query = { from: Date.now() - MINUTES * 60_000, limit: MOST_ROWS };
  const pages = await Promise.all(
    ["/keys/logs", "/translation/keys/logs"].map((path) => ask<LogPage>("GET", path, { query, signal })),
  );
  return pages
    .flatMap(({ logs }) => logs)
    .flatMap(({ created_at, status_code, action }) =>
      status_code === null || action === "test" ? [] : [{ at: created_at, code: status_code }],
    );
}
