import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import type { SealedPlace } from "../../../../src/adapters/mikro-orm/secrets/sealing.ts";
import { openNative } from "../../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import type { Key, SecretBox } from "../../../../src/domain/index.ts";
import { keyDraft, logDraft } from "../../../../src/testing/storage.ts";
import { execute, findPostgres, freshDatabase } from "../../../servers/postgres-server.ts";
import { isLongRun } from "../../../situations/long-run.ts";
import { masterKeyText, testSealing } from "../../../situations/sealing.ts";
import { ChildDatabase } from "../sqlite/child-database.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import {
  ALL_SECRETS,
  expectNoSecret,
  expectNoSecretIn,
  expectSealed,
  fillPlain,
  KEYS,
  LOGS,
} from "./plain-database.ts";

/** Where each batch ends. */
const ends = (count: number, batch: number) =>
  Array.from({ length: Math.ceil(count / batch) }, (_, n) => Math.min(count, (n + 1) * batch));

const STEPS = [
  "asked",
  "sealing",
  ...ends(KEYS, 10_000).map((id) => `sealing ${id}`),
  "cleaning",
  ...[0, ...ends(KEYS, 5000)].map((id) => `cleaning keys ${id}`),
  ...[0, ...ends(LOGS, 5000)].map((id) => `cleaning logs ${id}`),
  "dropping",
  "vacuuming",
  "truncating",
  "checking",
];

/** The server writes and removes files of its own. */
const STEPS_OF_POSTGRES = STEPS.slice(0, -2);

const SEALED_SOME = `sealing ${ends(KEYS, 10_000)[0]}`;
const CLEANED_SOME = `cleaning logs ${ends(LOGS, 5000)[0]}`;

/** In a short run one that has written into the table, and one that has changed it. */
const KILLED_AT = isLongRun ? STEPS : [SEALED_SOME, "vacuuming"];

describe("a SQLite file with plain secrets", () => {
  let template: string;
  beforeAll(async () => {
    const folder = mkdtempSync(`${tmpdir()}/key-pool-`);
    template = `${folder}/keys.db`;
    await fillPlain(`sqlite:${template}`);
    return () => rmSync(folder, { recursive: true });
  });

  const plainCopy = () => {
    const folder = temporaryFolder();
    const file = `${folder}/keys.db`;
    copyFileSync(template, file);
    return { folder, file, url: `sqlite:${file}` };
  };

  it("holds them before", () => {
    expect(readFileSync(template, "latin1")).toContain(ALL_SECRETS[0]);
  });

  it("is sealed while it is opened, step by step, once", async () => {
    const { folder, url } = plainCopy();
    const steps = ["asked"];
    const sealing = testSealing(masterKeyText(), { onStep: (step) => steps.push(step) });
    const first = await openDatabase({ url, sealing });
    expectNoSecretIn(folder);
    await first.close();
    expect(steps).toEqual(STEPS);
    await expectSealed(url);
    await (await openDatabase({ url, sealing })).close();
    expect(steps).toEqual(STEPS);
    expectNoSecretIn(folder);
  });

  it("is sealed whole and cleaned where it holds more than one batch of either", async () => {
    const { file, url } = plainCopy();
    const native = openNative(file, {});
    onTestFinished(() => native.close());
    const more = (table: string, columns: string, values: string) =>
      native.exec(`insert into ${table} (${columns})
        with recursive numbers(n) as (select ${KEYS + 1} union all select n + 1 from numbers where n <= ${KEYS} + 10000)
        select ${values} from numbers`);
    more(
      "keys",
      "service, secret, region, keyname, status, cooldown_until, protected_until, generation, created_at, updated_at",
      "'speech', 'a-secret-of-many-' || n, 'eastasia', 'key', 'enabled', 0, 0, 0, 0, 0",
    );
    more(
      "logs",
      "service, action, note, created_at",
      "'speech', 'report', 'it was a-secret-of-many-' || n, 0",
    );
    const database = await openDatabase({ url, sealing: testSealing() });
    onTestFinished(() => database.close());
    const counts = native.prepare(`select (select count(*) from keys) as keys,
      (select count(*) from keys where sealed is null) as plain,
      (select count(*) from logs where note like '%secret-of-many%') as told`);
    expect(counts.all([])).toEqual([{ keys: KEYS + 10_001, plain: 0, told: 0 }]);
    expect(await database.keys.findBySecret("speech", `a-secret-of-many-${KEYS + 10_001}`)).toBeDefined();
  });

  it.each(KILLED_AT)("is sealed by the next start after kill -9 at: %s", async (step) => {
    const { folder, url } = plainCopy();
    const child = new ChildDatabase(url, `seal ${step}`);
    await child.printed(1 + STEPS.indexOf(step));
    await child.kill();
    await expectSealed(url, async () => expectNoSecretIn(folder));
    expectNoSecretIn(folder);
  });

  it.runIf(isLongRun).each(STEPS)(
    "is sealed by the next start after kill -9 in the middle of: %s",
    async (step) => {
      const { folder, url } = plainCopy();
      const child = new ChildDatabase(url, "seal never");
      await child.printed(1 + STEPS.indexOf(step));
      await child.kill();
      await expectSealed(url, async () => expectNoSecretIn(folder));
    },
  );

  it.runIf(isLongRun)("is sealed although every start is killed at its next step", async () => {
    const { folder, url } = plainCopy();
    for (const step of STEPS) {
      const child = new ChildDatabase(url, `seal ${step}`);
      await printed(child, step);
      await child.kill();
    }
    await expectSealed(url, async () => expectNoSecretIn(folder));
  });

  it("is vacuumed once more for a copy that turns up, and refused for one that stays", async () => {
    const { file, url } = plainCopy();
    const steps: string[] = [];
    const sealing = testSealing(masterKeyText(), { onStep: (step) => steps.push(step) });
    const native = openNative(file, {});
    native
      .prepare("insert into tokens values ('t', ?, 'admin', '{}', '', 0, 0, null, '')")
      .run([ALL_SECRETS[0] ?? ""]);
    native.close();
    await expect(openDatabase({ url, sealing })).rejects.toMatchObject({
      code: "refused",
      message: `${url} does not open: its secrets could not be sealed, a plain copy of a secret is still in ${file}`,
    });
    expect(steps.slice(-6)).toEqual([
      "vacuuming",
      "truncating",
      "checking",
      "vacuuming",
      "truncating",
      "checking",
    ]);
    const again = openNative(file, {});
    again.exec("delete from tokens");
    again.close();
    await expectSealed(url);
  });

  /** A start that gets as far as this step. */
  const brokenOffAt = async (url: string, last: string) => {
    let reached: string | undefined;
    const onStep = (step: string) => {
      reached = step;
      if (step === last) throw new Error(`broken off at ${last}`);
    };
    const sealing = testSealing(masterKeyText(), { onStep });
    await expect(openDatabase({ url, sealing })).rejects.toThrow();
    expect(reached).toBe(last);
  };

  it("is sealed by the next start where one has cleaned some of the texts", async () => {
    const { folder, url } = plainCopy();
    await brokenOffAt(url, CLEANED_SOME);
    const steps: string[] = [];
    const sealing = testSealing(masterKeyText(), { onStep: (step) => steps.push(step) });
    await (await openDatabase({ url, sealing })).close();
    // Said once as where it goes on, and once as what it does there.
    expect(steps).toEqual([CLEANED_SOME, ...STEPS.slice(STEPS.indexOf(CLEANED_SOME))]);
    await expectSealed(url);
    expectNoSecretIn(folder);
  });

  it("is refused without a master key as soon as sealing has begun", async () => {
    const { url } = plainCopy();
    await brokenOffAt(url, SEALED_SOME);
    await expect(openDatabase({ url })).rejects.toMatchObject({
      name: "DatabaseError",
      code: "refused",
      message: expect.stringContaining("its secrets are sealed"),
    });
    await expectSealed(url);
  });

  it("another master key is refused, in the words of who knows it, and changes nothing", async () => {
    const { url } = plainCopy();
    await expectSealed(url);
    await expect(openDatabase({ url, sealing: testSealing(masterKeyText(2)) })).rejects.toMatchObject({
      name: "SealingError",
      code: "wrong_master_key",
    });
    await expectSealed(url);
  });
});

describe("a sealed SQLite file", () => {
  it("holds no secret from the beginning, nor what was deleted", async () => {
    const folder = temporaryFolder();
    const url = `sqlite:${folder}/keys.db`;
    const steps: string[] = [];
    const sealing = testSealing(masterKeyText(), { onStep: (step) => steps.push(step) });
    const database = await openDatabase({ url, sealing });
    onTestFinished(() => database.close());
    for (const secret of ALL_SECRETS.slice(0, 50)) await database.keys.add(keyDraft({ secret }), logDraft());
    await database.keys.remove(7, null);
    expectNoSecretIn(folder);
    expect(steps).toEqual([]);
  });

  it("of a version without limits is opened, and has none", async () => {
    const url = `sqlite:${temporaryFolder()}/keys.db`;
    const first = await openDatabase({ url, sealing: testSealing() });
    const { id } = await first.keys.add(keyDraft(), null);
    await first.close();
    const native = openNative(url.slice("sqlite:".length), {});
    native.exec("alter table keys drop column max_in_flight");
    native.exec("delete from migrations where name = '0007_key_limit'");
    native.close();
    const database = await openDatabase({ url, sealing: testSealing() });
    onTestFinished(() => database.close());
    expect(await database.keys.get(id)).toMatchObject({ secret: keyDraft().secret, maxInFlight: null });
    expect(await database.keys.describe(id, { maxInFlight: 3 }, null)).toMatchObject({ maxInFlight: 3 });
  });

  it("leaves out a row that does not open, and names it", async () => {
    const file = `${temporaryFolder()}/keys.db`;
    const unreadable: number[] = [];
    const sealing = testSealing(masterKeyText(), { onUnreadable: (id) => unreadable.push(id) });
    const first = await openDatabase({ url: `sqlite:${file}`, sealing });
    for (const secret of ALL_SECRETS.slice(0, 3)) await first.keys.add(keyDraft({ secret }), null);
    await first.close();
    const native = openNative(file, {});
    native.exec("update keys set sealed = (select sealed from keys where id = 1) where id = 2");
    native.close();

    const database = await openDatabase({ url: `sqlite:${file}`, sealing });
    onTestFinished(() => database.close());
    expect(await database.health.check()).toEqual({ status: "up" });
    for (const _ of [1, 2]) {
      const ids: number[] = [];
      for await (const keys of database.keys.load()) ids.push(...keys.map(({ id }) => id));
      expect(ids).toEqual([1, 3]);
    }
    expect(await database.keys.get(2)).toBeUndefined();
    expect(unreadable).toEqual([2]);
    expect(await database.health.check()).toEqual({
      status: "degraded",
      reason: "1 stored secrets do not open, of the keys 2",
    });
  });

  it("loads thousands of keys in their order, without those that do not open", async () => {
    // So many are opened on a thread of their own.
    const COUNT = 10_100;
    const file = `${temporaryFolder()}/keys.db`;
    const unreadable: number[] = [];
    const sealing = testSealing(masterKeyText(), { onUnreadable: (id) => unreadable.push(id) });
    const boxes: SecretBox[] = [];
    const open = async (place: SealedPlace) => {
      const opened = await sealing.open(place);
      boxes.push(opened.box);
      return opened;
    };
    await (await openDatabase({ url: `sqlite:${file}`, sealing: { open } })).close();
    const native = openNative(file, {});
    const insert = native.prepare(
      "insert into keys (service, fingerprint, sealed, region, keyname, status, cooldown_until, protected_until, generation, created_at, updated_at) values ('speech', ?, ?, 'eastasia', 'key', 'enabled', 0, 0, 0, 0, 0)",
    );
    native.exec("begin");
    for (let n = 1; n <= COUNT; n++) {
      const stored = boxes[0]?.seal("speech", `secret-${n}`);
      if (stored) insert.run([stored.fingerprint, stored.sealed]);
    }
    native.exec("commit");
    native.exec("update keys set sealed = (select sealed from keys where id = 1) where id in (2, 10050)");
    native.exec("update keys set sealed = null where id = 3000");
    native.exec("update keys set last_used = 1 where id = 1");
    native.close();

    const database = await openDatabase({ url: `sqlite:${file}`, sealing });
    onTestFinished(() => database.close());
    const loaded: Key[] = [];
    for await (const keys of database.keys.load()) loaded.push(...keys);
    const ids = Array.from({ length: COUNT }, (_, n) => n + 1).filter(
      (id) => ![1, 2, 3000, 10_050].includes(id),
    );
    expect(loaded.map(({ id }) => id)).toEqual([...ids, 1]);
    expect(loaded.filter(({ id, secret }) => secret !== `secret-${id}`)).toEqual([]);
    expect(unreadable).toEqual([2, 3000, 10_050]);
  });
});

const found = await findPostgres();

if ("missing" in found) {
  describe.skip(`sealing in PostgreSQL (${found.missing})`, () => {});
} else {
  afterAll(() => found.server.stop());

  describe("a PostgreSQL database with plain secrets", () => {
    it("is sealed by one of the instances that start at once", async () => {
      const url = await plainCopy();
      const steps: string[] = [];
      const sealing = testSealing(masterKeyText(), { onStep: (step) => steps.push(step) });
      const options = { url, usedBy: "instances", sealing } as const;
      const opened = await Promise.all([1, 2, 3].map(() => openDatabase(options)));
      await Promise.all(opened.map((database) => database.close()));
      expect(["asked", ...steps]).toEqual(STEPS_OF_POSTGRES);
      await expectSealed(url);
      const columns = "select column_name as name from information_schema.columns where table_name = 'keys'";
      expect((await execute(url, columns)).map(({ name }) => name)).not.toContain("secret");
    });

    it.runIf(isLongRun)("is refused while another process has it open", async () => {
      const { url, drop } = await freshDatabase(found.server);
      onTestFinished(drop);
      const other = await openDatabase({ url, usedBy: "instances" });
      await expect(openDatabase({ url, usedBy: "instances", sealing: testSealing() })).rejects.toMatchObject({
        code: "in_use",
        message: expect.stringContaining("its secrets have to be sealed once"),
      });
      await other.close();
    });

    let template: { readonly url: string; drop(): Promise<void> };
    beforeAll(async () => {
      template = await freshDatabase(found.server);
      await fillPlain(template.url);
      return () => template.drop();
    });

    const plainCopy = async () => {
      const { url, drop } = await freshDatabase(found.server, template.url);
      onTestFinished(drop);
      return url;
    };

    /** Of what a table holds; its columns are as `text` shows them, bytes in hexadecimal digits. */
    const expectNoSecretInTables = async (url: string) => {
      const tables = await execute(
        url,
        "select tablename as name from pg_tables where schemaname = 'public'",
      );
      const rowsOf = tables.map(
        ({ name }) => `select '${name}' as name, lower(t::text) as row from "${name}" t`,
      );
      const rows = Map.groupBy(await execute(url, rowsOf.join(" union all ")), ({ name }) => String(name));
      expect([...rows.keys()]).toContain("keys");
      for (const [name, found] of rows) expectNoSecret(name, [found.map(({ row }) => row).join("\n")]);
    };

    const killedAt = async (url: string, mode: string, step: string) => {
      const child = new ChildDatabase(url, `seal ${mode}`);
      await printed(child, step);
      await child.kill();
    };

    it("holds them before", async () => {
      await expect(expectNoSecretInTables(await plainCopy())).rejects.toThrow();
    });

    it.each(isLongRun ? STEPS_OF_POSTGRES : [SEALED_SOME])(
      "is sealed by the next start after kill -9 at: %s",
      async (step) => {
        const url = await plainCopy();
        await killedAt(url, step, step);
        await expectSealed(url, () => expectNoSecretInTables(url));
      },
    );

    it.runIf(isLongRun).each(STEPS_OF_POSTGRES)(
      "is sealed by the next start after kill -9 in the middle of: %s",
      async (step) => {
        const url = await plainCopy();
        await killedAt(url, "never", step);
        await expectSealed(url, () => expectNoSecretInTables(url));
      },
    );

    it.runIf(isLongRun)("is sealed although every start is killed at its next step", async () => {
      const url = await plainCopy();
      for (const step of STEPS_OF_POSTGRES) await killedAt(url, step, step);
      await expectSealed(url, () => expectNoSecretInTables(url));
    });
  });
}

async function printed(child: ChildDatabase, line: string): Promise<void> {
  for (let count = 1; !child.lines.includes(line); count++) await child.printed(count);
}
