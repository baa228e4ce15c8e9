import type { Answer, Api } from "../servers/api.ts";
import { randomOf } from "../situations/random-of.ts";
import type { Instance } from "./fleet.ts";
import { secretOf, until } from "./servers.ts";
import type { Act, Answered, Operation } from "./storm-history.ts";

export const REGIONS = ["eastasia", "westus"] as const;
export const INITIAL_COOLDOWN_MS = 400;

const TAG = "red";
const WORKERS = 24;
const KEYS = 24;

/** One in so many operations, for each kind; the rest are reports of success. */
type Chosen = Exclude<Act["kind"], "report" | "add"> | 429 | 401;
const SHARES: readonly (readonly [number, Chosen])[] = [
  [0.5, "hand-out"],
  [0.17, 429],
  [0.01, 401],
  [0.025, "enable"],
  [0.008, "disable"],
  [0.03, "place"],
  [0.005, "delete"],
  [0.003, "settings"],
];

/** Many programs and a few administrators at once; everything they did is in `operations`. */
export class Storm {
  readonly operations: Operation[] = [];
  /** Whom the programs ask; those that are taken out get no further requests. */
  readonly asked: Instance[];
  readonly #all: Instance[];
  /** The same seed is the same storm, as far as the network lets it. */
  readonly #random: () => number;
  readonly #keys: string[] = [];
  #names = 0;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(instances: readonly Instance[], seed: number) {
    this.#all = [...instances];
    this.asked = [...instances];
    this.#random = randomOf(seed);
  }

  /** Adds the keys and starts the programs. */
  async begin(): Promise<void> {
    const [{ api }] = this.asked as [Instance];
    await api.set("cooldown_seconds", INITIAL_COOLDOWN_MS / 1000);
    await api.set("protection_period_seconds", 0.05);
    await Promise.all(REGIONS.map((region) => api.add(anchorOf(region), region)));
    await Promise.all(Array.from({ length: KEYS }, () => this.#add()));
    await Promise.all(
      this.asked.map(({ api }) =>
        until(
          () => api.get("/config/protection_period_seconds"),
          ({ body }) => body.data.config_value === "0.05",
        ),
      ),
    );
    this.#running = Promise.all(Array.from({ length: WORKERS }, () => this.#work()));
  }

  /** Resolves when so many more operations have been answered. */
  async more(count: number): Promise<void> {
    const wanted = this.operations.length + count;
    await until(
      async () => this.operations.length,
      (length) => length >= wanted,
      600_000,
    );
  }

  ask(instance: Instance): void {
    this.#all.push(instance);
    this.asked.push(instance);
  }

  /** Sends it nothing more; what runs there goes on. */
  spare(instance: Instance): void {
    this.asked.splice(this.asked.indexOf(instance), 1);
  }

  async end(): Promise<readonly Operation[]> {
    this.#isOver = true;
    await this.#running;
    return this.operations;
  }

  async #work(): Promise<void> {
    let current = this.#anyKey();
    while (!this.#isOver) {
      const handedOut = await this.#act(this.#random() < 0.7 ? current : this.#anyKey());
      if (handedOut) current = handedOut;
    }
  }

  async #act(key: string): Promise<string | undefined> {
    const kind = this.#pick();
    const isAnchor = REGIONS.some((region) => key === anchorOf(region));
    switch (kind) {
      case "hand-out":
        return this.#handOut();
      case 200:
      case 429:
        await this.#report(key, kind);
        return;
      case "settings":
        await this.#set(this.#random() < 0.5 ? 300 : 500);
        return;
      default:
        if (!isAnchor) await this.#administer(kind, key);
    }
  }

  async #administer(kind: Exclude<Chosen, "hand-out" | "settings" | 429>, key: string): Promise<void> {
    switch (kind) {
      case 401:
        return this.#report(key, 401);
      case "enable":
      case "disable":
        await this.#record(key, { kind }, (api) => api.post(`/keys/${key}/${kind}`));
        return;
      case "delete":
        // No further request chooses it; requests that have it go on.
        this.#keys.splice(this.#keys.indexOf(key) >>> 0, 1);
        await this.#record(key, { kind }, (api) => api.delete(`/keys/${key}`));
        return this.#add();
      case "place": {
        const placed = this.#random() < 0.5 ? { region: this.#region() } : { tag: this.#tag() };
        const name = this.#name();
        await this.#record(key, { kind, name, ...placed }, (api) =>
          api.put(`/keys/${key}`, { keyname: name, ...placed }),
        );
      }
    }
  }

  async #handOut(): Promise<string | undefined> {
    const region = this.#region();
    const tag = this.#random() < 0.3 ? TAG : null;
    const path = `/keys/get?region=${region}${tag === null ? "" : `&tag=${tag}`}`;
    const answer = await this.#record(null, { kind: "hand-out", region, tag }, (api) => api.get(path));
    return answer?.body.data?.key;
  }

  async #report(key: string, code: number): Promise<void> {
    const note = this.#name();
    await this.#record(key, { kind: "report", code, note }, (api) => api.report(key, code, note));
  }

  async #set(cooldownMs: number): Promise<void> {
    const act = { kind: "settings", cooldownMs } as const;
    await this.#record(null, act, (api) => api.set("cooldown_seconds", cooldownMs / 1000));
  }

  async #add(): Promise<void> {
    const name = this.#name();
    const placed = { region: this.#region(), tag: this.#tag() };
    const key = secretOf(name);
    const answer = await this.#record(key, { kind: "add", name, ...placed }, (api) =>
      api.add(key, placed.region, { keyname: name, ...(placed.tag !== null && { tag: placed.tag }) }),
    );
    if (answer?.status === 201) this.#keys.push(key);
  }

  async #record(
    key: string | null,
    act: Act,
    ask: (api: Api) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const asked = this.asked[Math.floor(this.#random() * this.asked.length)] as Instance;
    const instance = this.#all.indexOf(asked);
    const startedAt = performance.now();
    const answer = await ask(asked.api).catch(() => undefined);
    const endedAt = performance.now();
    this.operations.push({
      instance,
      key: act.kind === "hand-out" ? (answer?.body.data?.key ?? null) : key,
      act,
      startedAt,
      endedAt,
      answer: answer ? shortOf(answer) : "lost",
    });
    return answer;
  }

  #pick(): Chosen | 200 {
    let left = this.#random();
    for (const [share, kind] of SHARES) {
      left -= share;
      if (left < 0) return kind;
    }
    return 200;
  }

  #anyKey(): string {
    const anchors = REGIONS.map(anchorOf);
    const all = [...anchors, ...this.#keys];
    return all[Math.floor(this.#random() * all.length)] as string;
  }

  #region(): string {
    return REGIONS[this.#random() < 0.5 ? 0 : 1];
  }

  #tag(): string | null {
    return this.#random() < 0.5 ? TAG : null;
  }

  #name(): string {
    return `n${this.#names++}`;
  }
}

/** A key that is never disabled, moved or deleted, so that its pool is never empty. */
function anchorOf(region: string): string {
  return secretOf(`anchor-${region}`);
}

function shortOf({ status, body }: Answer): Answered {
  const { code, data } = body;
  return { status, code, action: data?.action, reason: data?.reason };
}
