import { isLoopback } from "../../../../adapters/http/index.ts";
import type { InspectedDatabase } from "../../../../adapters/mikro-orm/index.ts";
import type { Envelope } from "../../../../adapters/sealing/index.ts";
import { isExpired } from "../../../../domain/index.ts";
import type { Config } from "../../../config.ts";
import { type Finding, fault, good, warning } from "./finding.ts";

const SOON_MS = 14 * 86_400_000;
const MAKE_ONE = "azure-key-pool token create --name me --role admin";

/** Who is let in: the tokens, and what the environment says besides. */
export async function checkTokens(
  database: InspectedDatabase,
  envelope: Envelope,
  config: Config,
): Promise<readonly Finding[]> {
  const { tokens, forged } = await database.tokensUnder(envelope.macOf("token")).all();
  const now = Date.now();
  const alive = tokens.filter((token) => !isExpired(token, now));
  const expired = tokens.length - alive.length;
  const soon = alive.filter((token) => isExpired(token, now + SOON_MS));
  const hasAdmin = alive.some(({ role }) => role === "admin");
  return [
    ...(tokens.length + forged.length === 0
      ? [withoutTokens(config)]
      : [good(`${alive.length} tokens are in force`)]),
    ...forged.map((id) =>
      fault(`token ${id} was written into the database by somebody else`, "find out who"),
    ),
    ...soon.map(({ id, name, expiresAt }) =>
      warning(
        `token ${id} (${name}) expires on ${new Date(expiresAt).toISOString().slice(0, 10)}`,
        "make its successor",
      ),
    ),
    ...(expired > 0
      ? [warning(`${expired} tokens have expired`, "revoke them: azure-key-pool token list")]
      : []),
    ...(config.adminToken !== undefined && hasAdmin
      ? [warning("ADMIN_TOKEN is set though an admin's token is in force", "take it out of the environment")]
      : []),
  ];
}

function withoutTokens({ host, allowOpen, adminToken }: Config): Finding {
  if (adminToken !== undefined) return warning("ADMIN_TOKEN is the only token", MAKE_ONE);
  if (isLoopback(host)) return good("no token exists: the door is open, to programs of this machine");
  if (allowOpen) return warning(`ALLOW_OPEN: whoever reaches ${host} gets the keys`, MAKE_ONE);
  return fault(`HOST is ${host} and no token exists: the server will not start`, MAKE_ONE);
}

export async function checkAudit(database: InspectedDatabase, envelope: Envelope): Promise<Finding> {
  const verify = () => database.auditUnder(envelope.macOf("audit")).verify();
  let verdict = await verify();
  // A running server may have pruned rows while they were read.
  if (!verdict.intact) verdict = await verify();
  if (verdict.intact) return good(`the audit is whole, ${verdict.rows} rows`);
  return fault(
    `row ${verdict.at} of the audit is ${verdict.reason === "missing" ? "missing" : "not as it was written"}`,
    "compare it with the server's log, which has the code of each row",
  );
}
