import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { MANIFEST, ROOT, scratch } from "./packed.ts";

interface Verdict {
  readonly kind: "good" | "unanswered" | "bad";
  readonly line: string;
}

interface Lock {
  readonly packages: Readonly<Record<string, Partial<Record<"dev" | "optional" | "devOptional", boolean>>>>;
}

interface SupplyChain {
  judgeAudit(output: string): Verdict;
  judgeSignatures(output: string): Verdict;
  judgeList(output: string, names: readonly string[]): Verdict;
  listPackages(scratch: string): Promise<string>;
}

const { judgeAudit, judgeSignatures, judgeList, listPackages }: SupplyChain = await import(
  pathToFileURL(join(ROOT, ".ci/supply-chain.mjs")).href
);

/** What `npm audit --json` prints when these packages have findings. */
function audited(severities: Readonly<Record<string, string>>): string {
  const entries = Object.entries(severities).map(([name, severity]) => [
    name,
    { name, severity, isDirect: false, via: [], effects: [], range: "<1.2.3", nodes: [], fixAvailable: true },
  ]);
  const counts = { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: entries.length };
  return JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(entries),
    metadata: { vulnerabilities: counts, dependencies: { prod: 130, total: 130 } },
  });
}

/** What npm prints with `--json` instead of an answer. */
const NO_ANSWERS = {
  "no such end point": JSON.stringify({
    message: "405 Method Not Allowed - POST https://registry.test/-/npm/v1/security/advisories/bulk",
    method: "POST",
    headers: { allow: ["GET,HEAD"] },
    statusCode: 405,
    body: "",
    error: { summary: "", detail: "" },
  }),
  "no registry": JSON.stringify({
    error: { code: "ENOTFOUND", summary: "request to https://registry.test failed", detail: "" },
  }),
  "no supported registry": JSON.stringify({
    error: { summary: "found no dependencies to audit that were installed from a supported registry" },
  }),
  "a text": "<html>Bad gateway</html>",
  nothing: "",
};

describe.each([
  ["npm audit", judgeAudit],
  ["npm audit signatures", judgeSignatures],
])("%s", (name, judge) => {
  it.each(Object.entries(NO_ANSWERS))(
    "goes on where the registry answers with %s, and says so",
    (_, output) => {
      const { kind, line } = judge(output);
      expect(kind).toBe("unanswered");
      expect(line).toMatch(
        new RegExp(`^${name}: the registry gives no answer( \\((405|ENOTFOUND)\\))?, not checked$`),
      );
    },
  );
});

describe("npm audit", () => {
  it("passes without findings, and with small ones", () => {
    expect(judgeAudit(audited({}))).toEqual({
      kind: "good",
      line: "npm audit: 0 findings, none serious",
    });
    expect(judgeAudit(audited({ koa: "moderate", ws: "low" })).kind).toBe("good");
  });

  it.each(["high", "critical"])("fails for a %s finding and names the package", (severity) => {
    expect(judgeAudit(audited({ koa: "low", ws: severity }))).toEqual({
      kind: "bad",
      line: `npm audit: ws (${severity})`,
    });
  });
});

describe("npm audit signatures", () => {
  it("passes when each package has a valid signature", () => {
    expect(judgeSignatures(JSON.stringify({ invalid: [], missing: [] })).kind).toBe("good");
  });

  it.each(["invalid", "missing"])("fails for a signature that is %s and names the package", (fault) => {
    const found = { invalid: [], missing: [], [fault]: [{ name: "ws", version: "8.0.0" }] };
    expect(judgeSignatures(JSON.stringify(found))).toEqual({
      kind: "bad",
      line: `npm audit signatures: ws@8.0.0 (${fault})`,
    });
  });
});

describe("npm sbom", () => {
  const list = (...names: readonly string[]) =>
    JSON.stringify({ bomFormat: "CycloneDX", components: names.map((name) => ({ name })) });

  it("fails for a list that lacks a package, or is none", () => {
    expect(judgeList(list("koa", "ws"), ["koa", "ws"]).kind).toBe("good");
    expect(judgeList(list("koa"), ["koa", "ws"])).toEqual({ kind: "bad", line: "npm sbom: lacks ws" });
    expect(judgeList("", ["koa"]).kind).toBe("bad");
    expect(judgeList("{}", []).kind).toBe("bad");
  });

  it("lists what the server runs on, what a tool needs as well included, and none of the tools", async () => {
    const place = scratch();
    onTestFinished(() => place.remove());
    const output = await listPackages(place.folder);
    const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;
    const needed = Object.entries(packages).filter(
      ([path, { dev, optional, devOptional }]) => path !== "" && !dev && !optional && !devOptional,
    );
    const names = needed.map(([path]) =>
      path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
    );
    expect(names).toEqual(expect.arrayContaining(Object.keys(MANIFEST.dependencies)));
    expect(judgeList(output, names)).toMatchObject({ kind: "good" });
    expect(judgeList(output, ["typescript"]).kind).toBe("bad");
  });
});
