import type { LogAction } from "../../../../domain/index.ts";

interface ActionText {
  readonly en: string;
  readonly zh: string;
}

/** What the page calls each act of the log. */
const ACTIONS = {
  set_status: { en: "Reported", zh: "上报" },
  disable_key: { en: "Disabled", zh: "禁用" },
  cooldown_start: { en: "Cooldown started", zh: "开始冷却" },
  enable_key: { en: "Enabled", zh: "启用" },
  add_key: { en: "Added", zh: "添加" },
  update_key: { en: "Changed", zh: "修改" },
  delete_key: { en: "Deleted", zh: "删除" },
  test: { en: "Tested", zh: "测试" },
  import_keys: { en: "Import", zh: "导入" },
  update_config: { en: "Setting changed", zh: "修改配置" },
} as const satisfies Record<LogAction, ActionText>;

export function actionTexts(language: "en" | "zh"): Readonly<Record<LogAction, string>> {
  const texts = Object.entries(ACTIONS).map(([action, text]) => [action, text[language]]);
  return Object.fromEntries(texts) as Record<LogAction, string>;
}
