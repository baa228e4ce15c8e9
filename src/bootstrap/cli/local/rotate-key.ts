import { SystemClock } from "../../../adapters/in-memory/index.ts";
import {
  appendAudit,
  atomically,
  forgetOverwritten,
  openSession,
  parseDatabaseUrl,
  replaceEnvelope,
  resealSecrets,
  type SqlSession,
} from "../../../adapters/mikro-orm/index.ts";
import { SealingError } from "../../../adapters/sealing/index.ts";
import { type AuditValues, COMMAND_LINE_ASKER } from "../../../domain/index.ts";
import { ConfigError, readConfig } from "../../config.ts";
import { readMasterKeySource } from "../../master-key-source.ts";
import { type OpenSealing, openSealing } from "../../open-sealing.ts";
import type { Invocation } from "../invocation.ts";
import { sayTo } from "./local-command.ts";

type Act = (session: SqlSession, sealing: OpenSealing, invocation: Invocation) => Promise<string>;

const ACTS: Readonly<Record<"master-key" | "data-key", Act>> = {
  "master-key": rotateMasterKey,
  "data-key": rotateDataKey,
};

export async function rotateKey(invocation: Invocation, which: keyof typeof ACTS): Promise<void> {
  const { databaseUrl, masterKey } = readConfig(invocation.environment);
  const sealing = openSealing(masterKey, sayTo(invocation));
  const session = await openSession(parseDatabaseUrl(databaseUrl), sealing, { alone: true });
  try {
    const done = await ACTS[which](session, sealing, invocation);
    invocation.answer({ done }, () => [done]);
  } finally {
    await session.close();
  }
}

async function rotateMasterKey(session: SqlSession, sealing: OpenSealing, { environment }: Invocation) {
  const { NEW_MASTER_KEY, NEW_MASTER_KEY_FILE, ...rest } = environment;
  const problems: string[] = [];
  const given = { ...rest, MASTER_KEY: NEW_MASTER_KEY, MASTER_KEY_FILE: NEW_MASTER_KEY_FILE };
  const source = readMasterKeySource(given, problems);
  // Our own file can take the place of our own file only; who has given the key has to give the next one.
  if (
    source.kind === "own-file" &&
    readMasterKeySource(environment, []).kind !== "own-file" &&
    problems.length === 0
  )
    problems.push("MASTER_KEY or MASTER_KEY_FILE: must be set");
  if (problems.length > 0)
    throw new ConfigError(problems.map((problem) => problem.replaceAll("MASTER", "NEW_MASTER")));
  const { masterKey, takeOver } = sealing.otherMasterKey(source);
  const deed = rotation("rotate_master_key", sealing, {
    master_key: masterKey.name.replace(/^MASTER/, "NEW_MASTER"),
  });
  // One transaction, so there is no state between the two keys.
  await replaceEnvelope(session, await sealing.envelope().wrap(masterKey), () => deed.write(session));
  await forgetOverwritten(session);
  takeOver();
  if (source.kind === "own-file")
    return "the master key in our own file is now another one: keep a copy of it";
  return `the master key is now the one from ${masterKey.name.replace(/^MASTER/, "NEW_MASTER")}: start the servers with it`;
}

async function rotateDataKey(session: SqlSession, sealing: OpenSealing, invocation: Invocation) {
  const found = sealing.envelope();
  // More than one: an earlier run was cut off.
  const isResumed = found.dataKeyIds.length > 1;
  const rotating = isResumed ? found : found.addDataKey();
  const deed = rotation("rotate_data_key", sealing, {
    data_key: rotating.dataKeyIds.at(-1),
    resumed: isResumed,
  });
  if (isResumed) await atomically(session, () => deed.write(session));
  else await replaceEnvelope(session, await sealing.wrapped(rotating), () => deed.write(session));
  const unreadable = await resealSecrets(session, rotating.box, (id) =>
    invocation.remark(`sealed anew up to key ${id}`),
  );
  if (unreadable.length > 0) {
    await atomically(session, () => deed.write(session, "wrong_master_key"));
    throw new SealingError(
      "wrong_master_key",
      `The old key is kept, because the secrets of these keys do not open: ${unreadable.slice(0, 10).join(", ")}`,
    );
  }
  const [last, ...older] = rotating.dataKeyIds.toReversed();
  const rotated = older.reduce((envelope, id) => envelope.dropDataKey(id), rotating);
  await replaceEnvelope(session, await sealing.wrapped(rotated));
  await forgetOverwritten(session);
  return `every secret is sealed with data key ${last}, the older ones are gone`;
}

/** What is written into the audit in the transaction that begins it, and once more where it failed then. */
function rotation(act: "rotate_master_key" | "rotate_data_key", sealing: OpenSealing, after: AuditValues) {
  const mac = sealing.macOf("audit");
  return {
    write: (session: SqlSession, failure: string | null = null) =>
      appendAudit(
        session,
        {
          ...COMMAND_LINE_ASKER,
          ...{ at: new SystemClock().now(), act, subject: "database", before: null, after, failure },
        },
        mac,
      ),
  };
}
