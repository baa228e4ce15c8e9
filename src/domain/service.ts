/** The two Azure services whose keys are pooled. A value, never a code path. */
export type Service = "speech" | "translation";

export const SERVICES: readonly Service[] = ["speech", "translation"];

export const DEFAULT_REGION: Readonly<Record<Service, string>> = {
  speech: "eastasia",
  translation: "global",
};
