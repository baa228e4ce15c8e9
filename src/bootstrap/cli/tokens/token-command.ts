import type { Command } from "commander";
import type { ListedToken } from "../../../adapters/client/index.ts";
import { ROLES, type Role, type Service } from "../../../domain/index.ts";
import type { CommandLine } from "../command-line.ts";
import type { Invocation } from "../invocation.ts";
import { type Column, tableOf } from "../output/table.ts";
import { shortTime } from "../output/times.ts";
import { openTokenDoor } from "./open-token-door.ts";
import type { TokenDoor } from "./token-door.ts";

const WHERE = `
It works on the database of DATABASE_URL; while a server has that for itself, through the server on HOST and PORT;
with --url or AZURE_KEY_POOL_URL through that server. A server asks for an admin's token; none is needed while none exists.`;

interface NewTokenOptions {
  readonly name: string;
  readonly role: string;
  readonly expires?: string;
  readonly service?: readonly string[];
  readonly region?: readonly string[];
  readonly tag?: readonly string[];
}

export function tokenCommand(program: Command, line: CommandLine): void {
  const token = program
    .command("token")
    .description("make, list and revoke the tokens that let programs and people in");
  const several = (value: string, others: readonly string[] = []) => [...others, value];

  const create = token
    .command("create")
    .description("make a token; it goes to the standard output, this once")
    .requiredOption("--name <name>", "for people")
    .requiredOption("--role <role>", ROLES.join(", "))
    .option("--expires <when>", "a day, a time, or days from now as in 30d; default: 90d")
    .option("--service <service>", "only about keys of this service; can be repeated", several)
    .option("--region <region>", "only about keys of this region; can be repeated", several)
    .option("--tag <tag>", "only about keys with this tag; can be repeated", several)
    .addHelpText("after", WHERE);
  line.does(create, throughDoor<NewTokenOptions>(createToken));

  const list = token
    .command("list")
    .description("list the tokens, without what their holders send")
    .addHelpText("after", WHERE);
  line.does(list, throughDoor(listTokens));

  const revoke = token
    .command("revoke")
    .description("refuse a token from now on")
    .argument("<id>", "the token's id, the part between akp_ and the next _")
    .addHelpText("after", WHERE);
  line.does(revoke, throughDoor(revokeToken));
}

type DoorAct<Options> = (
  door: TokenDoor,
  invocation: Invocation,
  options: Options,
  args: readonly string[],
) => Promise<void>;

function throughDoor<Options extends object>(act: DoorAct<Options>) {
  return async (invocation: Invocation, options: Options, args: readonly string[]) => {
    const door = await openTokenDoor(invocation);
    try {
      await act(door, invocation, options, args);
    } finally {
      await door.close();
    }
  };
}

async function createToken(door: TokenDoor, invocation: Invocation, options: NewTokenOptions): Promise<void> {
  const { name, role, expires, service, region, tag } = options;
  // Whoever makes the token checks these.
  const scope = { services: service as readonly Service[] | undefined, regions: region, tags: tag };
  const given = Object.fromEntries(Object.entries(scope).filter(([, values]) => values !== undefined));
  const expires_at = expires === undefined ? undefined : String(instantOf(expires));
  const made = await door.create({ name, role: role as Role, expires_at, scope: given });
  invocation.remark(`made in ${door.name}: ${made.id}, ${made.role}, until ${made.expires_at}`);
  invocation.answer(made, () => [made.token]);
}

/** Epoch milliseconds of a day, a time, or so many days from now; no number at all for what is none of them. */
function instantOf(text: string): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  return days === undefined ? Date.parse(text) : Date.now() + Number(days) * 86_400_000;
}

const COLUMNS: readonly Column<ListedToken>[] = [
  { title: "ID", of: ({ id }) => id },
  { title: "ROLE", of: ({ role }) => role },
  {
    title: "ABOUT",
    of: ({ scope }) => (Object.keys(scope).length === 0 ? "all keys" : JSON.stringify(scope)),
  },
  { title: "EXPIRES", of: ({ expires_at }) => shortTime(expires_at) },
  {
    title: "LAST USED",
    of: ({ last_used }) => (last_used === null ? "never" : `${last_used.slice(0, 13)}h`),
  },
  { title: "NAME", of: ({ name }) => name },
];

async function listTokens(door: TokenDoor, invocation: Invocation): Promise<void> {
  const tokens = await door.list();
  invocation.answer(tokens, () => tableOf(tokens, COLUMNS));
}

async function revokeToken(
  door: TokenDoor,
  invocation: Invocation,
  _options: object,
  [id = ""]: readonly string[],
): Promise<void> {
  await door.revoke(id);
  invocation.remark(`revoked in ${door.name}: ${id}`);
  if (invocation.isJson) invocation.answer({ id }, () => []);
}
