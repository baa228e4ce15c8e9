import { signal } from "@preact/signals";
import { ApiFailure } from "../app/api.ts";
import { t } from "../text/text.ts";
import { wordsFor } from "./failure.tsx";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isBad: boolean;
}

const SHOWN_MS = 6_000;
const toasts = signal<readonly Toast[]>([]);
let last = 0;

export function say(text: string, isBad = false): void {
  const toast = { id: ++last, text, isBad };
  toasts.value = [...toasts.value.slice(-3), toast];
  if (!isBad) setTimeout(() => drop(toast.id), SHOWN_MS);
}

/** Runs what a person asked for; says how it ended. Answers whether it went well. */
export async function attempt(act: () => Promise<string | undefined>): Promise<boolean> {
  try {
    const text = await act();
    if (text) say(text);
    return true;
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    say(wordsFor(error), true);
    return false;
  }
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, isBad }) => (
        <div key={id} class={isBad ? "toast bad" : "toast"}>
          <span>{text}</span>
          <button type="button" class="close" aria-label={t.value.app.dismiss} onClick={() => drop(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

function drop(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
