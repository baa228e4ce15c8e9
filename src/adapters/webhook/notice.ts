import type { KeyId, Service } from "../../domain/index.ts";
import type { PoolLevel } from "./pool-levels.ts";

/** Something a person should hear of, wherever he is. Holds no secret. */
export type Notice = {
  /** Epoch milliseconds. */
  readonly at: number;
} & (
  | {
      readonly event: "key_disabled";
      readonly keyId: KeyId;
      readonly name: string;
      readonly service: Service;
      readonly region: string;
      /** What Azure said of it. */
      readonly code: number;
    }
  | {
      readonly event: `pool_${PoolLevel}`;
      readonly service: Service;
      readonly region: string;
      readonly usable: number;
      readonly total: number;
    }
  | {
      readonly event: "token_overspent";
      /** Its id. */
      readonly token: string;
      readonly disables: number;
    }
);

/** The notice in one line. */
export function describeNotice(notice: Notice): string {
  switch (notice.event) {
    case "key_disabled": {
      const name = notice.name === "" ? "" : ` “${notice.name}”`;
      return `${notice.service} key ${notice.keyId}${name} in ${notice.region} was disabled by code ${notice.code}`;
    }
    case "token_overspent":
      return `token ${notice.token} would have disabled more than the ${notice.disables} keys it may in an hour`;
    default: {
      const { event, service, region, usable, total } = notice;
      const state = { pool_empty: "has no usable key", pool_low: "is low", pool_well: "is well again" }[
        event
      ];
      return `the ${service} pool of ${region} ${state}: ${usable} of ${total} keys can be used`;
    }
  }
}
