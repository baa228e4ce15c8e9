import type { SettingName } from "../../../../domain/index.ts";

interface SettingText {
  readonly label: string;
  readonly help: string;
}

interface ShownSetting {
  /** The heading that it stands under. */
  readonly group: "rest" | "rotation" | "tests" | "clients" | "retention";
  readonly en: SettingText;
  readonly zh: SettingText;
}

/** What the page says of each setting, in the order in which it shows them. */
const SETTINGS = {
  cooldown_seconds: {
    group: "rest",
    en: { label: "Cooldown", help: "How long a key rests after a cooldown code." },
    zh: { label: "冷却时长", help: "出现冷却状态码后密钥休息多久。" },
  },
  protection_period_seconds: {
    group: "rest",
    en: {
      label: "Protection",
      help: "How long after a cooldown further cooldown codes are ignored: answers to calls made before it.",
    },
    zh: { label: "保护期", help: "冷却结束后多久内忽略冷却状态码：它们属于冷却之前发出的调用。" },
  },
  retry_after_max_seconds: {
    group: "rest",
    en: {
      label: "Longest Retry-After",
      help: "The longest rest in seconds that a Retry-After in a report may ask for, instead of the cooldown. 0 ignores it.",
    },
    zh: {
      label: "Retry-After 上限",
      help: "上报中的 Retry-After 最多可让密钥冷却多少秒，以此代替冷却时长。0 为忽略。",
    },
  },
  cooldown_codes: {
    group: "rest",
    en: { label: "Cooldown codes", help: "A reported code of these lets the key rest." },
    zh: { label: "冷却状态码", help: "上报其中之一会让密钥冷却。" },
  },
  disable_codes: {
    group: "rest",
    en: { label: "Disabling codes", help: "A reported code of these retires the key until a person looks." },
    zh: { label: "禁用状态码", help: "上报其中之一会禁用密钥，直到有人处理。" },
  },
  key_rotation_strategy: {
    group: "rotation",
    en: {
      label: "Rotation",
      help: "round_robin takes the keys in turn; sticky stays with one until it rests or leaves.",
    },
    zh: { label: "轮换策略", help: "round_robin 依次取用；sticky 一直使用同一个，直到它冷却或离开。" },
  },
  max_concurrent_requests: {
    group: "tests",
    en: { label: "Tests at a time", help: "How many keys are tested at Azure at once." },
    zh: { label: "并发测试数", help: "同时向 Azure 测试多少个密钥。" },
  },
  probe_timeout_seconds: {
    group: "tests",
    en: { label: "Test time-out", help: "How long a test may take, waiting included." },
    zh: { label: "测试超时", help: "一次测试最长多久，包括等待。" },
  },
  recheck_interval_minutes: {
    group: "tests",
    en: {
      label: "Re-check",
      help: "After so long a key that a code disabled is tested again, later each time. 0 for never.",
    },
    zh: { label: "复查间隔", help: "因状态码禁用的密钥多久后再次测试，间隔逐次加长。0 表示从不。" },
  },
  client_disables_per_hour: {
    group: "clients",
    en: {
      label: "Disables per client",
      help: "How many keys one client’s token may disable in an hour by its reports.",
    },
    zh: { label: "每客户端禁用数", help: "一个客户端令牌每小时通过上报最多禁用多少个密钥。" },
  },
  client_distinct_keys_per_hour: {
    group: "clients",
    en: {
      label: "Keys per client",
      help: "How many different keys one client’s token is handed in an hour. 0 for any number.",
    },
    zh: { label: "每客户端密钥数", help: "一个客户端令牌每小时最多取得多少个不同的密钥。0 表示不限。" },
  },
  log_retention_days: {
    group: "retention",
    en: { label: "Log age", help: "Older rows of the log are removed. 0 keeps them." },
    zh: { label: "日志保留天数", help: "更早的日志会被删除。0 表示保留。" },
  },
  log_max_rows: {
    group: "retention",
    en: { label: "Log size", help: "The oldest rows above this number are removed. 0 keeps them." },
    zh: { label: "日志行数上限", help: "超出部分删除最早的行。0 表示保留。" },
  },
  audit_retention_days: {
    group: "retention",
    en: { label: "Audit age", help: "Older rows of the audit are removed. 0 keeps them." },
    zh: { label: "审计保留天数", help: "更早的审计记录会被删除。0 表示保留。" },
  },
} as const satisfies Record<SettingName, ShownSetting>;

export type SettingGroup = ShownSetting["group"];

/** The settings under their headings, as the page shows them. */
export function groupedSettings(): ReadonlyMap<SettingGroup, readonly SettingName[]> {
  const names = Object.keys(SETTINGS) as SettingName[];
  return Map.groupBy(names, (name) => SETTINGS[name].group);
}

export function settingTexts(language: "en" | "zh"): Readonly<Record<SettingName, SettingText>> {
  const texts = Object.entries(SETTINGS).map(([name, shown]) => [name, shown[language]]);
  return Object.fromEntries(texts) as Record<SettingName, SettingText>;
}
