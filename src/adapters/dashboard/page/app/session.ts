import { computed, effect, signal } from "@preact/signals";
import { mayActAs, type Role } from "../../../../domain/index.ts";
import type { Self } from "./answers.ts";
import { ApiFailure, ask } from "./api.ts";
import { keep, refusals, token } from "./token.ts";

export type Session =
  | { readonly state: "asking" }
  | { readonly state: "locked"; readonly refused: string }
  | { readonly state: "failed"; readonly failure: ApiFailure }
  | { readonly state: "open"; readonly self: Self };

export const session = signal<Session>({ state: "asking" });

/** Nobody needs a token yet. */
export const isDoorOpen = computed(() => session.value.state === "open" && session.value.self.id === null);

/** Whether who uses this page may do what is open to the role. */
export function may(role: Role): boolean {
  return session.value.state === "open" && mayActAs(session.value.self.role, role);
}

/** Whether tokens and the like are open to him, which are about more than the keys of a scope. */
export function seesEverything(): boolean {
  return session.value.state === "open" && Object.keys(session.value.self.scope).length === 0;
}

let isEntering = false;

/** Asks who this is. */
export async function enter(): Promise<void> {
  isEntering = true;
  try {
    const self = await ask<Self>("GET", "/tokens/self");
    const before = session.peek();
    const isSame = before.state === "open" && JSON.stringify(before.self) === JSON.stringify(self);
    if (!isSame) session.value = { state: "open", self };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    if (error.status === 401) {
      session.value = { state: "locked", refused: token.value === "" ? "" : error.message };
      keep("");
    } else if (session.peek().state !== "open") session.value = { state: "failed", failure: error };
  } finally {
    isEntering = false;
  }
}

export async function signIn(text: string): Promise<void> {
  keep(text.trim());
  await enter();
}

export function signOut(): void {
  keep("");
  session.value = { state: "asking" };
  void enter();
}

effect(() => {
  // Somewhere the token was refused, or one is needed now.
  if (refusals.value > 0 && !isEntering && session.peek().state === "open") void enter();
});
