import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { serveHere } from "../bootstrap/servers.ts";
import { Api } from "../servers/api.ts";
import { findRedis } from "../servers/redis-server.ts";
import { openAzure } from "../situations/azure.ts";

const MONITORING = resolve(import.meta.dirname, "../../examples/monitoring");
const ALERTS = readFileSync(join(MONITORING, "alerts.yml"), "utf8");

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

const DASHBOARD: {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
} = JSON.parse(readFileSync(join(MONITORING, "dashboard.json"), "utf8"));
const DASHBOARD_EXPRESSIONS = DASHBOARD.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const VARIABLES = DASHBOARD.templating.list.flatMap(({ definition = [] }) => definition);
/** Of a rule: on its line, or indented below. */
const RULE_EXPRESSIONS = Array.from(
  ALERTS.matchAll(/^ +expr: (?:\|\n((?: {10,}.*\n)+)|(.+)$)/gm),
  ([, block, line]) => block ?? line ?? "",
);

/** Metrics by name, each with the names of the labels that are asked of it. */
function metricsIn(expressions: readonly string[]): readonly (readonly [string, readonly string[]])[] {
  const found = expressions.flatMap((expression) => [
    ...expression.matchAll(/\b((?:azure_key_pool|process|nodejs)_\w+)(?:\{([^}]*)\})?/g),
  ]);
  return found.map(([, name = "", matchers = ""]) => [
    name,
    Array.from(matchers.matchAll(/(\w+)\s*[=!]/g), ([, label = ""]) => label),
  ]);
}

const hasPromtool = spawnSync("promtool", ["--version"]).error === undefined;
const NO_PROMTOOL = "promtool is not on the PATH; it comes with Prometheus";

function promtool(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`promtool ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

function scratchFile(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-monitoring-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const found = await findRedis();

describe.skipIf("missing" in found)(
  `what the monitoring asks for ${"missing" in found ? found.missing : ""}`,
  () => {
    /** Every series of a server after a storm, as the names of its metric and of its labels. */
    const series = new Map<string, Set<string>>();
    const families = new Set<string>();

    beforeAll(async () => {
      if ("missing" in found) return;
      const text = await scrapeAfterStorm(found.server.url);
      for (const [, name = ""] of text.matchAll(/^# TYPE (\w+)/gm)) families.add(name);
      for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
        const known = series.get(name) ?? new Set();
        for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
        series.set(name, known);
      }
    });
    afterAll(() => ("missing" in found ? undefined : found.server.stop()));

    it.each([
      ["alerts", RULE_EXPRESSIONS],
      ["dashboard", [...DASHBOARD_EXPRESSIONS, ...VARIABLES]],
    ])("in the %s is there after a storm, by name and by label", (_, expressions) => {
      const asked = metricsIn(expressions);
      expect(asked.length).toBeGreaterThan(10);
      for (const [name, labels] of asked) {
        expect([...series.keys()], name).toContain(name);
        const own = labels.filter((label) => label !== "job" && label !== "instance");
        expect([...(series.get(name) ?? [])], name).toEqual(expect.arrayContaining(own));
      }
    });

    it("leaves out no metric of ours", () => {
      const shown = metricsIn(DASHBOARD_EXPRESSIONS).map(([name]) =>
        name.replace(/_(bucket|sum|count)$/, ""),
      );
      const ours = [...families].filter((name) => name.startsWith("azure_key_pool_"));
      expect(ours.length).toBeGreaterThan(15);
      expect([...new Set(shown)]).toEqual(expect.arrayContaining(ours));
    });
  },
);

describe("the dashboard", () => {
  it("gives every panel an id and a place of its own", () => {
    const { panels } = DASHBOARD;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos: a, title }] of panels.entries()) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      for (const { gridPos: b, title: other } of panels.slice(index + 1)) {
        const overlap = a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
        expect(overlap, `${title} and ${other}`).toBe(false);
      }
    }
  });

  it("asks in every panel for something that Prometheus understands", ({ skip }) => {
    if (!hasPromtool) skip(NO_PROMTOOL);
    const rules = DASHBOARD_EXPRESSIONS.map((expr, n) => ({
      record: `panel_${n}`,
      expr: expr.replaceAll("$__rate_interval", "1m"),
    }));
    const file = scratchFile("rules.json", JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    expect(promtool("check", "rules", file)).toContain(`${rules.length} rules found`);
  });

  it("has a question in every panel that is no heading", () => {
    for (const { type, title, targets = [] } of DASHBOARD.panels) {
      expect(targets.length > 0, title).toBe(type !== "row");
    }
  });
});

describe("the alerts", () => {
  it("and the configuration are ones that Prometheus takes", ({ skip }) => {
    if (!hasPromtool) skip(NO_PROMTOOL);
    const text = promtool("check", "rules", join(MONITORING, "alerts.yml"));
    expect(text).toContain(`${RULE_EXPRESSIONS.length} rules found`);
    promtool("check", "config", "--syntax-only", join(MONITORING, "prometheus.yml"));
  });

  const pool = 'job="j",service="speech",region="eastasia"';
  const keys = (status: string) => `azure_key_pool_keys{${pool},instance="i",status="${status}"}`;
  const of = (name: string, more = "") => `azure_key_pool_${name}{job="j",instance="i"${more}}`;
  const commits = (le: string) => of("commit_seconds_bucket", `,le="${le}"`);

  /** Series, a value for each minute, that raise an alert by the half hour, and others that do not. */
  const SITUATIONS: Readonly<
    Record<string, { raised: Record<string, string>; quiet: Record<string, string> }>
  > = {
    NoUsableKey: { raised: { [keys("enabled")]: "0x60" }, quiet: { [keys("enabled")]: "1x60" } },
    KeysDisabled: {
      raised: { [keys("disabled")]: "0x20 1x40" },
      quiet: { [keys("disabled")]: "3x60" },
    },
    ThrottlingStorm: {
      raised: { [keys("cooldown")]: "3x60", [keys("enabled")]: "2x60" },
      quiet: { [keys("cooldown")]: "2x60", [keys("enabled")]: "3x60" },
    },
    RestingKeysStillUsed: {
      raised: { [of("ignored_reports_total", ',reason="cooling"')]: "0+120x60" },
      quiet: { [of("ignored_reports_total", ',reason="cooling"')]: "0+30x60" },
    },
    TokenFailures: {
      raised: { [of("token_failures_total", ',reason="expired"')]: "0+3x60" },
      quiet: { [of("token_failures_total", ',reason="expired"')]: "0+1x60" },
    },
    DatabaseDown: { raised: { [of("database_up")]: "0x60" }, quiet: { [of("database_up")]: "1x60" } },
    SharedStoreDown: {
      raised: { [of("shared_store_up")]: "0x60" },
      quiet: { [of("shared_store_up")]: "1x60" },
    },
    InstanceAlone: {
      raised: { [of("instance_alone_seconds_total")]: "0+10x60" },
      quiet: { [of("instance_alone_seconds_total")]: "0+2x60" },
    },
    OwedWrites: { raised: { [of("owed_writes")]: "2x60" }, quiet: { [of("owed_writes")]: "0x60" } },
    SlowCommits: {
      raised: { [commits("0.25")]: "0+60x60", [commits("1")]: "0+100x60", [commits("+Inf")]: "0+100x60" },
      quiet: { [commits("0.25")]: "0+100x60", [commits("1")]: "0+100x60", [commits("+Inf")]: "0+100x60" },
    },
    Degraded: {
      raised: { [of("degraded", ',part="writes"')]: "1x60" },
      quiet: { [of("degraded", ',part="writes"')]: "0x60" },
    },
    InstanceDown: {
      raised: { 'up{job="azure-key-pool",instance="i"}': "0x60" },
      quiet: { 'up{job="azure-key-pool",instance="i"}': "1x60" },
    },
  };

  it("are all tried", () => {
    const names = Array.from(ALERTS.matchAll(/- alert: (\w+)/g), ([, name]) => name);
    expect(Object.keys(SITUATIONS)).toEqual(names);
  });

  it("are each raised when it is so, and not otherwise", ({ skip }) => {
    if (!hasPromtool) skip(NO_PROMTOOL);
    expect(alertsRaised("raised")).toEqual(Object.keys(SITUATIONS));
    expect(alertsRaised("quiet")).toEqual([]);
  });

  /** The alerts that are raised after half an hour of such a situation of their own, in one run for all of them. */
  function alertsRaised(which: "raised" | "quiet"): readonly string[] {
    const tests = Object.entries(SITUATIONS).map(([alertname, situation]) => ({
      interval: "1m",
      input_series: Object.entries(situation[which]).map(([series, values]) => ({ series, values })),
      // What is raised nevertheless is told.
      alert_rule_test: [{ eval_time: "30m", alertname, exp_alerts: [] }],
    }));
    const document = { rule_files: [join(MONITORING, "alerts.yml")], tests };
    const file = scratchFile("test.json", JSON.stringify(document));
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
    const told = `${stdout}${stderr}`;
    const raised = Array.from(
      told.matchAll(/alertname: (\w+),[^[]*exp:\[\s*\],\s*got:\[/g),
      ([, name = ""]) => name,
    );
    if (status !== 0 && raised.length === 0) throw new Error(told);
    return raised;
  }
});

/** The text of a server that has seen a bit of everything. */
async function scrapeAfterStorm(redisUrl: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-monitored-"));
  const azure = await openAzure();
  const { server } = await serveHere(
    {
      ...{ DATABASE_URL: `sqlite:${folder}/keys.db`, REDIS_URL: redisUrl },
      ...{ AZURE_SPEECH_URL: azure.emulator.url, ADMIN_TOKEN: "the-admin-token-of-the-environment" },
    },
    // It is stopped below: hooks can no longer be added when this runs.
    () => {},
  );
  try {
    const api = new Api(server, "the-admin-token-of-the-environment");
    const secrets = Array.from({ length: 20 }, (_, n) => `storm-${folder.slice(-6)}-${n}`.padEnd(32, "~"));
    await Promise.all(secrets.map((secret) => api.add(secret)));
    const codes = [200, 429, 429, 401, 403, 500];
    await Promise.all(
      secrets.flatMap((secret, n) => [
        api.handOut(),
        ...codes.slice(n % 3).map((code) => api.report(secret, code)),
      ]),
    );
    await api.post("/keys/test", { key: azure.secretFor({ kind: "works" }), region: "eastasia" });
    await new Api(server, "nobody").handOut();
    await api.add("leased-key".padEnd(32, "~"));
    await api.post("/leases", { region: "eastasia" });
    const headers = { authorization: "Bearer the-admin-token-of-the-environment" };
    const scrape = async () => (await fetch(`${server.url}/metrics`, { headers })).text();
    await scrape();
    // What the process did while it was read for the first time is in the second.
    return await scrape();
  } finally {
    await server.stop();
    await azure.emulator.close();
    execFileSync("rm", ["-rf", folder]);
  }
}
