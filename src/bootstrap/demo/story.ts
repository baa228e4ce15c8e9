import { setTimeout as pause } from "node:timers/promises";
import { type AzureEmulator, REJECTED, WORKS } from "../../adapters/azure-emulator/index.ts";
import { cast, type Player } from "./cast.ts";
import type { Client, HandedOut, StatusUpdate } from "./client.ts";

export interface StoryOptions {
  /** How long the clients work, in milliseconds. */
  readonly workMs: number;
  readonly cooldownSeconds: number;
  readonly probeTimeoutSeconds: number;
}

interface Tested {
  readonly statusCode: number;
  readonly statusUpdate: StatusUpdate | null;
}

interface Statistics {
  readonly cooldown: Readonly<Record<"totalKeys" | "enabledKeys" | "cooldownKeys" | "disabledKeys", number>>;
}

interface Logs {
  readonly logs: readonly {
    readonly action: string;
    readonly keyname: string | null;
    readonly status_code: number | null;
    readonly note: string | null;
  }[];
}

const WORKED_REGIONS = ["eastasia", "eastasia", "westus", "northeurope"];

/** Plays a day of a key pool in some seconds and prints what happens. */
export class Story {
  readonly #client: Client;
  readonly #azure: AzureEmulator;
  readonly #over: AbortSignal;
  readonly #options: StoryOptions;
  readonly #players = cast();
  readonly #restingSince = new Map<string, number>();
  readonly #startedAt = performance.now();
  #calls = 0;
  /** Scenes that must have been shown before the work ends, however slow the machine is. */
  readonly #toShow = new Set(["recovery", "revocation", "all rest"]);
  #allRestPrintedAt = Number.NEGATIVE_INFINITY;

  constructor(client: Client, azure: AzureEmulator, over: AbortSignal, options: StoryOptions) {
    this.#client = client;
    this.#azure = azure;
    this.#over = over;
    this.#options = options;
  }

  /** Ends early, without an error, when `over` is aborted. */
  async play(): Promise<void> {
    const acts = [() => this.#addKeys(), () => this.#testKeys(), () => this.#work(), () => this.#repair()];
    for (const act of [...acts, () => this.#sumUp()]) {
      if (this.#over.aborted) return;
      await act();
    }
  }

  async #addKeys(): Promise<void> {
    const { cooldownSeconds, probeTimeoutSeconds } = this.#options;
    this.#title(`Adding keys (a throttled key rests ${cooldownSeconds} s here; 300 s by default)`);
    const settings = {
      cooldown_seconds: cooldownSeconds,
      protection_period_seconds: 0.5,
      probe_timeout_seconds: probeTimeoutSeconds,
    };
    const configs = Object.entries(settings).map(([config_key, config_value]) => ({
      config_key,
      config_value,
    }));
    await this.#client.call("POST", "/config/batch", { configs });
    for (const { secret, region, name, scenario, service } of this.#players) {
      this.#azure.setScenario(secret, scenario);
      await this.#client.call("POST", pathOf(service), { key: secret, region, keyname: name });
    }
    const pools = Object.groupBy(this.#players, ({ service, region }) => `${service} ${region}`);
    for (const [pool, keys = []] of Object.entries(pools)) this.#print(`${pool}: ${keys.length} keys`);
  }

  async #testKeys(): Promise<void> {
    this.#title("Testing every key against Azure");
    let working = 0;
    const test = async ({ service, secret, region, name }: Player) => {
      const answer = await this.#client.call<Tested | undefined>("POST", `${pathOf(service)}/test`, {
        key: secret,
        region,
      });
      if (answer.success) working += 1;
      else this.#print(`${name}: ${answer.error}${this.#consequence(name, answer.data?.statusUpdate)}`);
    };
    await Promise.all(this.#players.map(test));
    this.#print(`${working} of ${this.#players.length} keys work`);
  }

  async #work(): Promise<void> {
    this.#title("Clients at work: ask for a key, call Azure, report the code");
    const until = performance.now() + this.#options.workMs;
    await Promise.all([
      ...WORKED_REGIONS.map((region) => this.#workIn(region, until)),
      this.#revokeOne(this.#options.workMs / 3),
    ]);
    this.#print(`${this.#calls} calls of Azure made`);
  }

  async #workIn(region: string, until: number): Promise<void> {
    const latest = until + 20 * this.#options.workMs;
    const goesOn = () => performance.now() < (this.#toShow.size > 0 ? latest : until);
    while (goesOn() && !this.#over.aborted) {
      const turn = await this.#client.call<HandedOut>("GET", `/keys/get?region=${region}`);
      if (turn.success) await this.#use(turn.data);
      else if (turn.status === 503 && performance.now() - this.#allRestPrintedAt > 2000) {
        this.#allRestPrintedAt = performance.now();
        this.#toShow.delete("all rest");
        this.#print(`${region}: ${turn.error}; the answer says when to come back`);
      }
      await this.#wait(60);
    }
  }

  async #use({ key, keyname }: HandedOut): Promise<void> {
    const since = this.#restingSince.get(key);
    if (since !== undefined) {
      this.#restingSince.delete(key);
      this.#toShow.delete("recovery");
      const rested = ((performance.now() - since) / 1000).toFixed(1);
      this.#print(`${keyname}: recovered by itself after ${rested} s`);
    }
    const code = await this.#client.speak(key, AbortSignal.timeout(500)).catch(() => 408);
    this.#calls += 1;
    const { data } = await this.#client.call<StatusUpdate>("POST", "/keys/status", { key, code });
    if (data.action === "disable") this.#toShow.delete("revocation");
    if (data.statusChanged) this.#print(`${keyname}: got ${code}${this.#consequence(keyname, data)}`);
  }

  #consequence(name: string, update: StatusUpdate | null | undefined): string {
    if (!update?.statusChanged) return " → nothing changes";
    if (update.action === "disable") return " → disabled until somebody enables it";
    const secret = this.#player(name).secret;
    this.#restingSince.set(secret, performance.now());
    return ` → cooling for ${this.#options.cooldownSeconds} s`;
  }

  async #revokeOne(afterMs: number): Promise<void> {
    await this.#wait(afterMs);
    this.#print("(somebody regenerates the key of eastasia healthy 1 in the portal)");
    this.#azure.setScenario(this.#player("eastasia healthy 1").secret, REJECTED);
  }

  async #repair(): Promise<void> {
    this.#title("A person puts a key right");
    const { secret, region, name } = this.#player("eastasia healthy 1");
    this.#azure.setScenario(secret, WORKS);
    const tested = await this.#client.call<Tested>("POST", "/keys/test", { key: secret, region });
    this.#print(`${name}: the test says ${tested.data.statusCode}, but no test enables a disabled key`);
    await this.#client.call("POST", `/keys/${secret}/enable`);
    this.#print(`${name}: enabled by hand, back in the pool`);
  }

  async #sumUp(): Promise<void> {
    this.#title("Where it ends");
    for (const base of ["/keys", "/translation/keys"]) {
      const { data } = await this.#client.call<Statistics>("GET", `${base}/stats`);
      const { totalKeys, enabledKeys, cooldownKeys, disabledKeys } = data.cooldown;
      const counts = `${totalKeys} keys: ${enabledKeys} enabled, ${cooldownKeys} cooling, ${disabledKeys} disabled`;
      this.#print(`GET /api${base}/stats  ${counts}`);
    }
    for (const action of ["enable_key", "disable_key", "cooldown_start"]) {
      const { data } = await this.#client.call<Logs>("GET", `/keys/logs?limit=2&action=${action}`);
      for (const { keyname, status_code, note } of data.logs) {
        this.#print(`GET /api/keys/logs  ${action} ${keyname} ${status_code ?? ""} ${note ?? ""}`);
      }
    }
  }

  #player(name: string): Player {
    const player = this.#players.find((one) => one.name === name);
    if (!player) throw new Error(`There is no key called ${name}`);
    return player;
  }

  async #wait(ms: number): Promise<void> {
    // Ending early is not an error here.
    await pause(ms, undefined, { signal: this.#over }).catch(() => {});
  }

  #title(text: string): void {
    console.log(`\n${text}`);
  }

  #print(text: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1);
    console.log(`${seconds.padStart(6)} s  ${text.trimEnd()}`);
  }
}

function pathOf(service: Player["service"]): string {
  return service === "speech" ? "/keys" : "/translation/keys";
}
