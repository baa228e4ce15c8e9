import type { Act, Answered, History, Operation, Span } from "./storm-history.ts";

export interface Violation {
  readonly invariant: "I1" | "I2" | "I5" | "I6" | "I7";
  readonly what: string;
}

type Kind = Act["kind"];
type Of<K extends Kind> = Operation<Extract<Act, { kind: K }>>;

/** The server rounds instants to whole milliseconds; the checker does not. */
const ROUNDING_MS = 2;
/** How long after an answered settings change an instance may still cool by the old ones. */
const SETTINGS_LAG_MS = 3_000;
/** How long after Redis was emptied an instance may think that a key is where it was: one reconciling. */
const REFILLED_MS = 1_500;

const LOGGED: Readonly<Record<string, string>> = {
  keep_enabled: "set_status",
  log: "set_status",
  disable: "disable_key",
  cooldown: "cooldown_start",
};

/** Finds what the invariants forbid. What might have been right passes. */
export function findViolations(history: History): Violation[] {
  const policies = new Policies(history);
  const byKey = Map.groupBy(history.operations, ({ key }) => key);
  const found = [...refusals(history, byKey)];
  for (const [key, operations] of byKey) {
    if (key === null) continue;
    found.push(...new KeyStory(key, operations, history, policies).violations());
  }
  found.push(...missingNotes(history));
  return found;
}

type Cooldown = Of<"report"> & { readonly restsMs: number };

/** The possible lengths of a cooldown, as seen from outside. */
class Policies {
  readonly #changes: readonly Of<"settings">[];
  readonly #initialMs: number;

  constructor({ operations, initialCooldownMs }: History) {
    this.#changes = ofKind(operations, "settings");
    this.#initialMs = initialCooldownMs;
  }

  /** The shortest that may have been in force somewhere while the report was taken in. */
  lowestCooldownMs({ startedAt, endedAt }: Operation): number {
    const over = this.#changes.filter((change) => effectUntil(change) < startedAt - SETTINGS_LAG_MS);
    const isSuperseded = (until: number) => over.some((later) => later.startedAt >= until);
    const possible = this.#changes
      .filter((change) => change.startedAt < endedAt && !isSuperseded(effectUntil(change)))
      .map(({ act }) => act.cooldownMs);
    return Math.min(...possible, ...(over.length > 0 ? [] : [this.#initialMs]));
  }
}

class KeyStory {
  readonly #key: string;
  readonly #history: History;
  /** When an instance may refill Redis with keys that have been moved or deleted, of which it has not heard yet. */
  readonly #refilled: readonly Span[];
  readonly #handOuts: readonly Of<"hand-out">[];
  readonly #cooldowns: readonly Cooldown[];
  readonly #codeDisables: readonly Of<"report">[];
  /** Reports that were refused; they may have taken effect. */
  readonly #refusedReports: readonly Of<"report">[];
  readonly #disables: readonly Of<"disable">[];
  readonly #enables: readonly Of<"enable">[];
  readonly #deletes: readonly Of<"delete">[];
  readonly #places: readonly Of<"add" | "place">[];

  constructor(key: string, operations: readonly Operation[], history: History, policies: Policies) {
    this.#key = key;
    this.#history = history;
    const { apart, emptied } = history;
    this.#refilled = [...apart, ...emptied.map(({ from, until }) => ({ from, until: until + REFILLED_MS }))];
    const reports = ofKind(operations, "report");
    this.#handOuts = ofKind(operations, "hand-out");
    this.#cooldowns = reports
      .filter(({ answer }) => isDone(answer) && answer.action === "cooldown")
      .map((report) => ({ ...report, restsMs: policies.lowestCooldownMs(report) - ROUNDING_MS }));
    this.#refusedReports = reports.filter(({ answer }) => !isDone(answer));
    this.#codeDisables = reports.filter(({ answer }) => isDone(answer) && answer.action === "disable");
    this.#disables = ofKind(operations, "disable");
    this.#enables = ofKind(operations, "enable");
    this.#deletes = ofKind(operations, "delete");
    this.#places = [...ofKind(operations, "add"), ...ofKind(operations, "place")];
  }

  *violations(): Iterable<Violation> {
    for (const handOut of this.#handOuts) {
      yield* this.#ofHandOut(handOut);
    }
    yield* this.#doubleCooldowns();
    yield* this.#lostChanges();
  }

  *#ofHandOut(handOut: Of<"hand-out">): Iterable<Violation> {
    const { startedAt, endedAt } = handOut;
    const violation = (invariant: "I1" | "I5", cause: Operation): Violation => ({
      invariant,
      what: `${this.#key} was handed out (${describeOperation(handOut)}) after ${describeOperation(cause)}`,
    });
    for (const cooldown of this.#cooldowns) {
      const over = endedAt >= cooldown.startedAt + cooldown.restsMs;
      if (over || !this.#binds(cooldown, handOut)) continue;
      if (!this.#enabledBetween(cooldown, handOut)) yield violation("I1", cooldown);
    }
    for (const disable of this.#codeDisables) {
      if (!this.#binds(disable, handOut)) continue;
      if (!this.#enabledBetween(disable, handOut)) yield violation("I1", disable);
    }
    for (const disable of this.#disables.filter(({ answer }) => isDone(answer))) {
      if (!this.#binds(disable, handOut)) continue;
      if (!this.#enabledBetween(disable, handOut)) yield violation("I5", disable);
    }
    for (const deleted of this.#deletes.filter(({ answer }) => isDone(answer))) {
      if (this.#binds(deleted, handOut, this.#refilled)) yield violation("I1", deleted);
    }
    for (const place of this.#places.filter(({ answer }) => isDone(answer))) {
      if (!this.#binds(place, handOut, this.#refilled)) continue;
      for (const field of ["region", "tag"] as const) {
        const asked = handOut.act[field];
        if (asked === null || place.act[field] === undefined || place.act[field] === asked) continue;
        const movedBack = this.#places.some(
          (other) =>
            other.act[field] === asked && effectUntil(other) > place.startedAt && other.startedAt < endedAt,
        );
        if (!movedBack) yield violation("I1", place);
      }
    }
    if (startedAt > endedAt) throw new Error("The history runs backwards");
  }

  /** Whether the hand-out began after the restriction was answered, where it had to be known. */
  #binds(restriction: Operation, handOut: Operation, excused = this.#history.apart): boolean {
    if (restriction.endedAt >= handOut.startedAt) return false;
    return restriction.instance === handOut.instance || !overlapsAny(handOut, excused);
  }

  #enabledBetween(restriction: Operation, later: Operation): boolean {
    return this.#enables.some(
      (enable) => this.#mayBeAfter(enable, restriction) && enable.startedAt < later.endedAt,
    );
  }

  /**
   * Whether `one` may have taken effect after `other`. An instance that is alone does not know what others have
   * done to the key, and may answer that there is nothing to do.
   */
  #mayBeAfter(one: Operation, other: Operation): boolean {
    if (effectUntil(one) > other.startedAt) return true;
    if (one.instance === other.instance) return false;
    return this.#history.apart.some((span) => overlapsAny(other, [span]) && effectUntil(one) >= span.from);
  }

  *#doubleCooldowns(): Iterable<Violation> {
    // After Redis was emptied, other instances do not know a cooldown that was not answered yet.
    const apart = [...this.#history.apart, ...this.#history.emptied];
    for (const [n, first] of this.#cooldowns.entries()) {
      for (const second of this.#cooldowns.slice(n + 1)) {
        const [a, b] = first.startedAt <= second.startedAt ? [first, second] : [second, first];
        if (Math.max(a.endedAt, b.endedAt) - a.startedAt >= a.restsMs) continue;
        if (a.instance !== b.instance && (overlapsAny(a, apart) || overlapsAny(b, apart))) continue;
        if (this.#enabledBetween(a, b) || this.#enabledBetween(b, a)) continue;
        yield {
          invariant: "I2",
          what: `${this.#key} was cooled twice: ${describeOperation(a)}, ${describeOperation(b)}`,
        };
      }
    }
  }

  *#lostChanges(): Iterable<Violation> {
    const row = this.#history.durable.keys.find(({ secret }) => secret === this.#key);
    const lost = (cause: Operation, invariant: "I5" | "I6" = "I6"): Violation => ({
      invariant,
      what: `${this.#key} ends as ${JSON.stringify(row)} after ${describeOperation(cause)}`,
    });
    const deleted = this.#deletes.find(({ answer }) => isDone(answer));
    if (deleted && row) yield lost(deleted);
    if (!row) {
      const added = this.#places.find(({ act, answer }) => act.kind === "add" && isDone(answer));
      if (added && this.#deletes.length === 0) yield lost(added);
      return;
    }
    const disables: readonly Operation[] = [...this.#disables, ...this.#codeDisables];
    for (const disable of disables.filter(({ answer }) => isDone(answer))) {
      const enabled = this.#enables.some((enable) => this.#mayBeAfter(enable, disable));
      if (!enabled && row.status !== "disabled") yield lost(disable);
      const byPerson = disable.act.kind === "disable";
      if (!enabled && byPerson && row.disabled_by !== "person") yield lost(disable, "I5");
    }
    const maybeDisabled = [...disables, ...this.#refusedReports];
    for (const enable of this.#enables.filter(({ answer }) => isDone(answer))) {
      const disabled = maybeDisabled.some((disable) => this.#mayBeAfter(disable, enable));
      if (!disabled && row.status !== "enabled") yield lost(enable);
    }
    for (const place of this.#places.filter(({ answer }) => isDone(answer))) {
      const { name, region, tag } = place.act;
      const later = this.#places.filter((other) => other !== place && effectUntil(other) > place.startedAt);
      const isFinal = (field: "region" | "tag") => later.every(({ act }) => act[field] === undefined);
      if (later.length === 0 && row.keyname !== name) yield lost(place);
      if (region !== undefined && isFinal("region") && row.region !== region) yield lost(place);
      if (tag !== undefined && isFinal("tag") && row.tag !== tag) yield lost(place);
    }
  }
}

function* refusals(
  { operations, storageAway, goneAt, anchored }: History,
  byKey: ReadonlyMap<string | null, readonly Operation[]>,
): Iterable<Violation> {
  for (const operation of operations) {
    const { act, answer, key, instance, endedAt } = operation;
    const violation: Violation = { invariant: "I7", what: describeOperation(operation) };
    if (answer === "lost") {
      if (endedAt < (goneAt.get(instance) ?? Number.POSITIVE_INFINITY)) yield violation;
    } else if (answer.status >= 300) {
      const name = `${answer.status} ${answer.code}`;
      const fair =
        (act.kind === "hand-out" && name === "503 all_keys_cooling") ||
        (act.kind === "hand-out" &&
          name === "404 no_key" &&
          !(act.tag === null && anchored.includes(act.region))) ||
        (name === "503 storage_unavailable" && overlapsAny(operation, storageAway)) ||
        (name === "404 key_not_found" &&
          byKey.get(key)?.some((other) => other.act.kind === "delete" && other.startedAt < endedAt));
      if (!fair) yield violation;
    }
  }
}

/** Every answered change has left the log row with its own note. */
function* missingNotes({ operations, durable }: History): Iterable<Violation> {
  const logged = new Set(durable.logs.map(({ action, note }) => `${action} ${note?.split(" ")[0]}`));
  for (const operation of operations) {
    const { act, answer } = operation;
    if (!isDone(answer)) continue;
    const row =
      act.kind === "report"
        ? answer.action !== "skip" && `${LOGGED[answer.action ?? ""]} ${act.note}`
        : act.kind === "place" && `update_key keyname=${act.name}`;
    if (row && !logged.has(row))
      yield { invariant: "I6", what: `No log row "${row}" for ${describeOperation(operation)}` };
  }
}

/** Until when an operation may have taken effect: what was not answered well may still be under way. */
function effectUntil({ answer, endedAt }: Operation): number {
  return isDone(answer) ? endedAt : Number.POSITIVE_INFINITY;
}

function isDone(answer: Answered | "lost"): answer is Answered {
  return answer !== "lost" && answer.status < 300;
}

function overlapsAny({ startedAt, endedAt }: Operation, spans: readonly Span[]): boolean {
  return spans.some(({ from, until }) => startedAt <= until && endedAt >= from);
}

function ofKind<K extends Kind>(operations: readonly Operation[], kind: K): Of<K>[] {
  return operations.filter((operation) => operation.act.kind === kind) as Of<K>[];
}

function describeOperation({ instance, act, answer, startedAt, endedAt }: Operation): string {
  const span = `${startedAt.toFixed(1)}–${endedAt.toFixed(1)} ms on ${instance}`;
  return `${JSON.stringify(act)} → ${JSON.stringify(answer)}, ${span}`;
}
