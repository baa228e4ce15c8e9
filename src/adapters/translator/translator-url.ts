import type { TranslationRequest } from "../../domain/index.ts";

const GLOBAL_BASE = "https://api.cognitive.microsofttranslator.com";

const SOVEREIGN_BASES = [
  { prefix: "china", base: "https://api.translator.azure.cn" },
  { prefix: "usgov", base: "https://api.cognitive.microsofttranslator.us" },
] as const;

/** Regions share their cloud's host; a header says which one is meant. The URL holds no key. */
export function translatorUrl(region: string, request: TranslationRequest, baseUrl: string | null): URL {
  const sovereign = SOVEREIGN_BASES.find(({ prefix }) => region.startsWith(prefix));
  const base = baseUrl ?? sovereign?.base ?? GLOBAL_BASE;
  const url = new URL(`${base.replace(/\/+$/, "")}/translate`);
  url.searchParams.set("api-version", "3.0");
  if (request.from !== undefined) url.searchParams.set("from", request.from);
  url.searchParams.set("to", request.to);
  return url;
}
