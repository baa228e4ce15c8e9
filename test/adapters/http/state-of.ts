import type { Access } from "../../../src/application/index.ts";
import { SERVICES } from "../../../src/domain/index.ts";
import type { Api } from "./open-api.ts";

/** All that a request could change, but for how often keys and tokens were used. */
export async function stateOf({ pool }: Pick<Api, "pool">): Promise<string> {
  const keys = await Promise.all(SERVICES.map((service) => pool.listKeys.execute({ service })));
  const tokens = await (pool.access as Access).list();
  return JSON.stringify([
    keys.map(({ keys }) =>
      keys.map(({ id, secret, region, name, tag, maxInFlight, standing }) => [
        ...[id, secret, region, name, tag, maxInFlight, standing],
      ]),
    ),
    (await pool.settings.list()).map(({ name, value, description }) => [name, value, description]),
    tokens.map(({ id, role, scope, expiresAt }) => [id, role, scope, expiresAt]),
  ]);
}
