import type { OwnerLockState } from "../../../../src/adapters/mikro-orm/index.ts";

/** Records the states that an owner lock reports. */
export function ownerLockRecorder() {
  const states: OwnerLockState[] = [];
  const waiting: { readonly state: OwnerLockState; readonly resolve: () => void }[] = [];
  return {
    states,
    onOwnerLock: (state: OwnerLockState) => {
      states.push(state);
      for (const one of waiting) if (one.state === state) one.resolve();
    },
    /** Resolves when the state is reported next. */
    reached: (state: OwnerLockState) => new Promise<void>((resolve) => waiting.push({ state, resolve })),
  };
}
