import { computed, effect, signal } from "@preact/signals";
import { en, type Texts } from "./en.ts";
import { zh } from "./zh.ts";

const TEXTS = { en, zh } as const satisfies Record<string, Texts>;

export type Language = keyof typeof TEXTS;

/** Each by its own name. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", zh: "zh-CN" };
const STORED = "azure-key-pool.language";

export const language = signal<Language>(stored() ?? preferred());

/** All texts in the language that is chosen. */
export const t = computed<Texts>(() => TEXTS[language.value]);

export const locale = computed(() => LOCALES[language.value]);

export function choose(chosen: Language): void {
  localStorage.setItem(STORED, chosen);
  language.value = chosen;
}

export function followLanguage(): void {
  effect(() => {
    document.documentElement.lang = locale.value;
  });
}

function stored(): Language | undefined {
  const text = localStorage.getItem(STORED);
  return text === "en" || text === "zh" ? text : undefined;
}

function preferred(): Language {
  const first = navigator.languages.find((one) => /^(en|zh)\b/i.test(one));
  return first?.toLowerCase().startsWith("zh") ? "zh" : "en";
}
