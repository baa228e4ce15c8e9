import type { Service } from "../../../domain/index.ts";
import { BASE } from "../server/base-path.ts";

export const KEYS_PATH: Readonly<Record<Service, string>> = {
  speech: `${BASE}/keys`,
  translation: `${BASE}/translation/keys`,
};

export const KEYS_TAG: Readonly<Record<Service, string>> = {
  speech: "Speech keys",
  translation: "Translator keys",
};

/** What `:key` stands for. */
export const KEY = "The subscription key, percent-encoded, or its numeric id";
