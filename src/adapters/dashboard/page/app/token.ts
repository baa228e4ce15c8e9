import { signal } from "@preact/signals";

const STORED = "azure-key-pool.token";

/** Kept in this tab only; empty for none. */
export const token = signal(sessionStorage.getItem(STORED) ?? "");

/** Counts answers that said the token, or having none, is not enough. */
export const refusals = signal(0);

export function keep(text: string): void {
  token.value = text;
  if (text === "") sessionStorage.removeItem(STORED);
  else sessionStorage.setItem(STORED, text);
}
