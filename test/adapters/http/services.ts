import { DEFAULT_REGION, type Service } from "../../../src/domain/index.ts";

/** Both services answer alike; only path and default region differ. */
export const SERVICES_UNDER_TEST: readonly {
  readonly service: Service;
  readonly base: string;
  readonly region: string;
}[] = [
  { service: "speech", base: "/keys", region: DEFAULT_REGION.speech },
  { service: "translation", base: "/translation/keys", region: DEFAULT_REGION.translation },
];
