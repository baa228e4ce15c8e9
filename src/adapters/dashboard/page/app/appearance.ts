import { effect, signal } from "@preact/signals";

export const APPEARANCES = ["auto", "light", "dark"] as const;
export type Appearance = (typeof APPEARANCES)[number];

const STORED = "azure-key-pool.appearance";

/** `auto` is what the browser prefers. */
export const appearance = signal<Appearance>(
  APPEARANCES.find((one) => one === localStorage.getItem(STORED)) ?? "auto",
);

export function followAppearance(): void {
  effect(() => {
    document.documentElement.dataset.appearance = appearance.value;
    localStorage.setItem(STORED, appearance.value);
  });
}
