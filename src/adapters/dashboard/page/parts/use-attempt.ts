import { useState } from "preact/hooks";
import { ApiFailure } from "../app/api.ts";
import { wordsFor } from "./failure.tsx";
import { say } from "./toasts.tsx";

/** Runs what a form is for; what went wrong is for the form to show, as a dialog lies above everything else. */
export function useAttempt(): readonly [
  problem: string,
  run: (act: () => Promise<string | undefined>) => Promise<void>,
] {
  const [problem, setProblem] = useState("");
  const run = async (act: () => Promise<string | undefined>) => {
    setProblem("");
    try {
      const text = await act();
      if (text) say(text);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      setProblem(wordsFor(error));
    }
  };
  return [problem, run];
}
