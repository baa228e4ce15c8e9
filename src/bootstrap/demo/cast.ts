import { F0, REJECTED, type Scenario, WORKS } from "../../adapters/azure-emulator/index.ts";
import type { Service } from "../../domain/index.ts";

/** A key of the demonstration and how the emulated Azure treats it. */
export interface Player {
  readonly service: Service;
  readonly region: string;
  readonly name: string;
  readonly secret: string;
  readonly scenario: Scenario;
}

const SPENT = {
  kind: "refuse",
  status: 403,
  body: { error: { code: 403001, message: "The free quota is used up." } },
} as const;
const THROTTLED: Scenario = { kind: "refuse", status: 429 };

/** Works for a while, is throttled for two requests, and works again. */
function bursting(after: number): Scenario {
  const calm = Array.from({ length: after }, () => WORKS);
  return { kind: "script", steps: [...calm, THROTTLED, THROTTLED, WORKS] };
}

type Cast = readonly (readonly [name: string, scenario: Scenario, count?: number])[];

const SPEECH: Readonly<Record<string, Cast>> = {
  eastasia: [
    ["healthy", WORKS, 5],
    ["slow", { kind: "works", delayMs: 300 }],
    ["free tier", F0, 2],
    ["bursting", bursting(4), 2],
    ["revoked", REJECTED],
    ["blocked", { kind: "refuse", status: 403 }],
    ["mistyped", { kind: "refuse", status: 404 }],
    ["unanswered", { kind: "unanswered" }],
  ],
  westus: [
    ["healthy", WORKS, 4],
    ["bursting", bursting(6), 2],
    ["revoked", REJECTED],
  ],
  northeurope: [["two a second", { kind: "quota", synthesesPerSecond: 2 }, 2]],
};

const TRANSLATION: Readonly<Record<string, Cast>> = {
  global: [
    ["healthy", WORKS, 3],
    ["quota spent", SPENT],
    [
      "speech key",
      { kind: "refuse", status: 401, body: { error: { code: 401015, message: "A Speech key." } } },
    ],
    ["throttled", { kind: "script", steps: [THROTTLED, WORKS] }],
  ],
  westeurope: [["healthy", WORKS, 3]],
};

/** All players, each with a made-up secret. */
export function cast(): readonly Player[] {
  const players: Player[] = [];
  for (const [service, regions] of [
    ["speech", SPEECH],
    ["translation", TRANSLATION],
  ] as const) {
    for (const [region, members] of Object.entries(regions)) {
      for (const [kind, scenario, count = 1] of members) {
        for (let n = 1; n <= count; n++) {
          const name = count === 1 ? `${region} ${kind}` : `${region} ${kind} ${n}`;
          const secret = `demo${String(players.length + 1).padStart(28, "0")}`;
          players.push({ service, region, name, secret, scenario });
        }
      }
    }
  }
  return players;
}
