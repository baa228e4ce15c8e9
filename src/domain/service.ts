/** The two Azure services whose keys are pooled; the rules are the same for both. */
export type Service = "speech" | "translation";

/** Both services, Speech first. */
export const SERVICES: readonly Service[] = ["speech", "translation"];

export function isService(value: unknown): value is Service {
  return SERVICES.some((service) => service === value);
}

/** Names a service and region as one. */
export function placeName({
  service,
  region,
}: {
  readonly service: Service;
  readonly region: string;
}): string {
  return `${service}:${region}`;
}

/** The region of a hand-out or probe that names none. */
export const DEFAULT_REGION: Readonly<Record<Service, string>> = {
  speech: "eastasia",
  translation: "global",
};
