/** What an instance was asked to do. */
export type Act =
  | { readonly kind: "hand-out"; readonly region: string; readonly tag: string | null }
  | { readonly kind: "report"; readonly code: number; readonly note: string }
  | { readonly kind: "enable" | "disable" | "delete" }
  | {
      /** `place` is an update; a field that is missing stays as it was. */
      readonly kind: "add" | "place";
      readonly name: string;
      readonly region?: string;
      readonly tag?: string | null;
    }
  | { readonly kind: "settings"; readonly cooldownMs: number };

/** An HTTP answer, as far as the rules speak of it. */
export interface Answered {
  readonly status: number;
  readonly code?: string | undefined;
  readonly action?: string | undefined;
  readonly reason?: string | undefined;
}

/** One request with its answer. Instants are of one monotonic clock, in milliseconds. */
export interface Operation<A extends Act = Act> {
  readonly instance: number;
  /** The secret asked about, or the one that was handed out. */
  readonly key: string | null;
  readonly act: A;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly answer: Answered | "lost";
}

export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What the database holds at the end. */
export interface Durable {
  readonly keys: readonly {
    readonly secret: string;
    readonly region: string;
    readonly tag: string | null;
    readonly keyname: string;
    readonly status: string;
    readonly disabled_by: string | null;
  }[];
  readonly logs: readonly { readonly action: string; readonly note: string | null }[];
}

/** Everything that happened, and what excuses what. */
export interface History {
  readonly operations: readonly Operation[];
  readonly initialCooldownMs: number;
  /** When instances need not know of each other: from a fault of Redis until all must agree again. */
  readonly apart: readonly Span[];
  /** When Redis forgot everything, though it went on answering. */
  readonly emptied: readonly Span[];
  /** When a write may be refused. */
  readonly storageAway: readonly Span[];
  /** From when on an instance need not answer. */
  readonly goneAt: ReadonlyMap<number, number>;
  /** Regions that always have a key which is never disabled, moved or deleted. */
  readonly anchored: readonly string[];
  readonly durable: Durable;
}
