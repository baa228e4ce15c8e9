/** A simple model of the whole pool: plain data, one act at a time, no ports, none of the domain's code. */
export interface ModelKey {
  readonly secret: string;
  readonly id: number;
  region: string;
  tag: string | null;
  limit: number | null;
  disabled: "person" | "code" | null;
  coolingUntil: number;
  protectedUntil: number;
  lastUsed: number;
}

export interface Model {
  now: number;
  nextId: number;
  cooldownMs: number;
  sticky: boolean;
  keys: ModelKey[];
  /** Whose turn it is, first to last, for `region` and for `region#tag`. */
  queues: Record<string, number[]>;
  /** How many log rows there are of each action. */
  logs: Record<string, number>;
}

const PROTECTION_MS = 5_000;

export function newModel(now: number): Model {
  return { now, nextId: 1, cooldownMs: 300_000, sticky: false, keys: [], queues: {}, logs: {} };
}

export type Act =
  | { readonly do: "add"; readonly secret: string; readonly region: string; readonly tag: string | null }
  | { readonly do: "handOut"; readonly region: string; readonly tag: string | null }
  | {
      readonly do: "report";
      readonly secret: string;
      readonly code: number;
      /** In seconds. */
      readonly retryAfter: number | null;
    }
  | { readonly do: "enable" | "disable" | "delete"; readonly secret: string }
  | { readonly do: "move"; readonly secret: string; readonly region: string }
  | { readonly do: "retag"; readonly secret: string; readonly tag: string | null }
  | { readonly do: "limit"; readonly secret: string; readonly limit: number | null }
  | { readonly do: "cooldown"; readonly seconds: number }
  | { readonly do: "rotation"; readonly sticky: boolean };

/** What the act answers; the model is changed. */
export function apply(model: Model, act: Act): string {
  switch (act.do) {
    case "cooldown":
      model.cooldownMs = act.seconds * 1000;
      return log(model, "update_config", "saved");
    case "rotation":
      model.sticky = act.sticky;
      return log(model, "update_config", "saved");
    case "handOut":
      return handOut(model, act.region, act.tag);
    case "add": {
      if (model.keys.some(({ secret }) => secret === act.secret)) return "key_exists";
      const { secret, region, tag } = act;
      const fresh = { limit: null, disabled: null, coolingUntil: 0, protectedUntil: 0, lastUsed: -1 };
      const key = { secret, region, tag, id: model.nextId++, ...fresh };
      model.keys.push(key);
      join(model, key);
      return log(model, "add_key", "added");
    }
  }
  const key = model.keys.find(({ secret }) => secret === act.secret);
  if (!key) return "key_not_found";
  switch (act.do) {
    case "report":
      return report(model, key, act.code, act.retryAfter);
    case "enable": {
      const cooling = model.now < key.coolingUntil;
      if (!key.disabled && !cooling) return "enabled";
      if (cooling) {
        key.protectedUntil = model.now + (key.protectedUntil - key.coolingUntil);
        key.coolingUntil = model.now;
      }
      key.disabled = null;
      join(model, key);
      return log(model, "enable_key", "enabled");
    }
    case "disable":
      if (key.disabled === "person") return "disabled";
      key.disabled = "person";
      leave(model, key);
      return log(model, "disable_key", "disabled");
    case "delete":
      leave(model, key);
      model.keys = model.keys.filter((one) => one !== key);
      return log(model, "delete_key", "deleted");
    case "move":
      if (act.region !== key.region) {
        leave(model, key);
        key.region = act.region;
        join(model, key);
      }
      return log(model, "update_key", "updated");
    case "retag":
      if (act.tag !== key.tag) retag(model, key, act.tag);
      return log(model, "update_key", "updated");
    case "limit":
      key.limit = act.limit;
      return log(model, "update_key", "updated");
  }
}

export function advance(model: Model, ms: number): void {
  model.now += ms;
  const due = model.keys
    .filter((key) => key.disabled === null && key.coolingUntil <= model.now)
    .toSorted((a, b) => a.coolingUntil - b.coolingUntil || a.id - b.id);
  for (const key of due) if (!queueOf(model, key.region).includes(key.id)) join(model, key);
}

export function restart(model: Model): void {
  model.queues = {};
  for (const key of model.keys.toSorted((a, b) => a.lastUsed - b.lastUsed || a.id - b.id)) join(model, key);
}

/** Everything a look from outside can see. */
export function observe(model: Model): string {
  const keys = model.keys
    .toSorted((a, b) => a.id - b.id)
    .map(({ secret, region, tag, limit, disabled, coolingUntil }) => {
      const status = disabled ?? (model.now < coolingUntil ? "cooldown" : "enabled");
      return [secret, region, tag, limit, status];
    });
  return JSON.stringify([keys, Object.entries(model.logs).toSorted()]);
}

function handOut(model: Model, region: string, tag: string | null): string {
  const queue = queueOf(model, tag === null ? region : `${region}#${tag}`);
  const id = queue[0];
  const key = model.keys.find((one) => one.id === id);
  if (!key) {
    const pool = model.keys.filter((one) => one.region === region && (tag === null || one.tag === tag));
    return pool.some(({ disabled }) => disabled === null) ? "all-away" : "no-key";
  }
  if (!model.sticky) queue.push(queue.shift() as number);
  key.lastUsed = model.now;
  return key.secret;
}

function report(model: Model, key: ModelKey, code: number, retryAfter: number | null): string {
  const cooling = model.now < key.coolingUntil;
  if (code === 401) {
    if (key.disabled) return "skip already_disabled";
    key.disabled = "code";
    leave(model, key);
    return log(model, "disable_key", "disable");
  }
  if (code === 429) {
    if (key.disabled) return "skip disabled";
    if (cooling) return "skip cooling";
    if (model.now < key.protectedUntil) return "skip protected";
    const asked = retryAfter === null ? model.cooldownMs : Math.min(Math.max(retryAfter, 1), 3600) * 1000;
    key.coolingUntil = model.now + asked;
    key.protectedUntil = key.coolingUntil + PROTECTION_MS;
    leave(model, key);
    return log(model, "cooldown_start", "cooldown");
  }
  const works = code === 200 && !key.disabled && !cooling;
  return log(model, "set_status", works ? "keep_enabled" : "log");
}

function retag(model: Model, key: ModelKey, tag: string | null): void {
  const waiting = queueOf(model, key.region).includes(key.id);
  const old = `${key.region}#${key.tag}`;
  model.queues[old] = queueOf(model, old).filter((id) => id !== key.id);
  key.tag = tag;
  if (waiting && tag) queueOf(model, `${key.region}#${tag}`).push(key.id);
}

function join(model: Model, key: ModelKey): void {
  leave(model, key);
  if (key.disabled || model.now < key.coolingUntil) return;
  queueOf(model, key.region).push(key.id);
  if (key.tag) queueOf(model, `${key.region}#${key.tag}`).push(key.id);
}

function leave(model: Model, key: ModelKey): void {
  for (const [name, queue] of Object.entries(model.queues)) {
    model.queues[name] = queue.filter((id) => id !== key.id);
  }
}

function queueOf(model: Model, name: string): number[] {
  model.queues[name] ??= [];
  return model.queues[name];
}

function log(model: Model, action: string, answer: string): string {
  model.logs[action] = (model.logs[action] ?? 0) + 1;
  return answer;
}
