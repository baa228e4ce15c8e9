import { useEffect, useRef, useState } from "preact/hooks";
import { ApiFailure } from "./api.ts";
import { type LiveEvent, type LiveKind, listen } from "./live.ts";

/** Many changes at once are one reading. */
const TOGETHER_MS = 300;

export interface Loaded<T> {
  /** What was read last; undefined before that. */
  readonly data: T | undefined;
  readonly failure: ApiFailure | undefined;
  /** What is shown belongs to what was asked before. */
  readonly isStale: boolean;
  reload(): void;
}

/**
 * What `load` answers, read anew when `key` changes, and when something of these kinds happens that `concerns` it, by
 * default all of it. What is there stays until the next is.
 */
export function useData<T>(
  key: string,
  kinds: readonly LiveKind[],
  load: (signal: AbortSignal) => Promise<T>,
  concerns: (event: LiveEvent) => boolean = () => true,
): Loaded<T> {
  const [read, setRead] = useState<{ key: string; data?: T; failure?: ApiFailure }>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const judge = useRef(concerns);
  judge.current = concerns;
  const reading = useRef({ isRunning: false, again: false });

  useEffect(() => {
    const ending = new AbortController();
    reading.current = { isRunning: true, again: false };
    const settled = latest.current(ending.signal).then(
      (data) => {
        if (!ending.signal.aborted) setRead({ key, data });
      },
      (error: unknown) => {
        if (ending.signal.aborted) return;
        if (!(error instanceof ApiFailure)) throw error;
        setRead((before) => ({ ...before, key, failure: error }));
      },
    );
    void settled.then(() => {
      if (ending.signal.aborted) return;
      reading.current.isRunning = false;
      if (reading.current.again) setRound((before) => before + 1);
    });
    return () => ending.abort();
    // `round` asks for the same once more.
  }, [key, round]);

  const wanted = kinds.join(" ");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen((event) => {
      const isWanted = wanted.split(" ").includes(event.kind) && judge.current(event);
      if (event.kind !== "tick" && event.kind !== "reset" && !isWanted) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        // One that runs is not cut short, or changes without a pause would show nothing at all.
        if (reading.current.isRunning) reading.current.again = true;
        else setRound((before) => before + 1);
      }, TOGETHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [wanted]);

  return {
    data: read.data,
    failure: read.failure,
    isStale: read.key !== key,
    reload: () => setRound((before) => before + 1),
  };
}

/** Calls `reload` once the deadline has passed: that a key returns is no event. */
export function useDeadline(at: number | null, reload: () => void): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => {
    if (at === null) return;
    // Not a moment early by the server's clock; setTimeout takes no more than 24 days.
    const timer = setTimeout(
      () => latest.current(),
      Math.min(Math.max(at - Date.now(), 0) + 150, 2 ** 31 - 1),
    );
    return () => clearTimeout(timer);
  }, [at]);
}
