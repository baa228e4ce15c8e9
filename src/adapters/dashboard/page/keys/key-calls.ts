import type { Service } from "../../../../domain/index.ts";
import type { KeyTestVerdict, ShownKey } from "../app/answers.ts";
import { ApiFailure, ask } from "../app/api.ts";
import { wordsFor } from "../parts/failure.tsx";
import { t } from "../text/text.ts";

export const KEY_ACTS = ["enable", "disable", "test", "delete"] as const;
export type KeyAct = (typeof KEY_ACTS)[number];

export const KEYS_PATH: Readonly<Record<Service, string>> = {
  speech: "/keys",
  translation: "/translation/keys",
};

/** As many requests of one act as are under way at a time. */
const AT_A_TIME = 4;

/** Does one thing to one key. A test throws when Azure rejects the key. */
export function actOn(act: KeyAct, service: Service, id: number): Promise<ShownKey | KeyTestVerdict> {
  const path = `${KEYS_PATH[service]}/${id}`;
  return act === "delete" ? ask("DELETE", path) : ask("POST", `${path}/${act}`);
}

export interface ActResult {
  readonly done: number;
  /** Why some were not done, each reason once. */
  readonly failures: ReadonlyMap<string, number>;
}

/** Does one thing to many keys. */
export async function actOnAll(
  act: KeyAct,
  service: Service,
  ids: readonly number[],
  onProgress: (settled: number) => void,
): Promise<ActResult> {
  const failures = new Map<string, number>();
  const waiting = [...ids];
  let [done, settled] = [0, 0];
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await actOn(act, service, id);
        done += 1;
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error;
        const why = wordsFor(error);
        failures.set(why, (failures.get(why) ?? 0) + 1);
      }
      onProgress(++settled);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return { done, failures };
}

/** How it ended, one sentence each. */
export function describeResult(
  act: KeyAct,
  { done, failures }: ActResult,
): { readonly good: string; readonly bad: string } {
  const { done: texts, failedSome } = t.value.keys;
  return {
    good: done > 0 ? texts[act](done) : "",
    bad: [...failures].map(([why, count]) => failedSome(count, why)).join(" "),
  };
}
