// Asks the registry about the packages that the server runs on, and lists them: `node .ci/supply-chain.mjs [list]`.
// Ends with 1 for a serious finding. Where the registry gives no answer that is said, and is no failure.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PATIENCE_MS = 60_000;
const SERIOUS = ["high", "critical"];

/** @typedef {{ kind: "good" | "unanswered" | "bad", line: string }} Verdict */

/** What `npm audit --json` has printed means. @returns {Verdict} */
export function judgeAudit(output) {
  const answer = parsed(output);
  const counts = answer?.metadata?.vulnerabilities;
  if (answer?.vulnerabilities === undefined || counts === undefined) return unanswered("npm audit", answer);
  const serious = Object.entries(answer.vulnerabilities).filter(([, { severity }]) =>
    SERIOUS.includes(severity),
  );
  if (serious.length === 0)
    return { kind: "good", line: `npm audit: ${counts.total} findings, none serious` };
  const named = serious.map(([name, { severity }]) => `${name} (${severity})`);
  return { kind: "bad", line: `npm audit: ${named.join(", ")}` };
}

/** What `npm audit signatures --json` has printed means. @returns {Verdict} */
export function judgeSignatures(output) {
  const answer = parsed(output);
  if (!Array.isArray(answer?.invalid) || !Array.isArray(answer.missing)) {
    return unanswered("npm audit signatures", answer);
  }
  const named = [
    ...answer.invalid.map(({ name, version }) => `${name}@${version} (invalid)`),
    ...answer.missing.map(({ name, version }) => `${name}@${version} (missing)`),
  ];
  if (named.length > 0) return { kind: "bad", line: `npm audit signatures: ${named.join(", ")}` };
  return { kind: "good", line: "npm audit signatures: all are valid" };
}

/** Whether the list of `npm sbom` names every one of these packages that runs, as types do not. @returns {Verdict} */
export function judgeList(output, names) {
  const list = parsed(output);
  if (list?.bomFormat !== "CycloneDX" || !Array.isArray(list.components)) {
    return { kind: "bad", line: "npm sbom: is no CycloneDX list" };
  }
  const listed = new Set(list.components.map(({ name }) => name));
  const lacking = names.filter((name) => !name.startsWith("@types/") && !listed.has(name));
  if (lacking.length > 0) return { kind: "bad", line: `npm sbom: lacks ${lacking.join(", ")}` };
  return { kind: "good", line: `npm sbom: ${listed.size} packages` };
}

/** @returns {Verdict} */
function unanswered(command, answer) {
  const why = answer?.statusCode ?? answer?.error?.code;
  return {
    kind: "unanswered",
    line: `${command}: the registry gives no answer${why ? ` (${why})` : ""}, not checked`,
  };
}

function parsed(output) {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

/** What npm prints; it ends with 1 for findings and for faults alike, so that says nothing. */
function npm(args, cwd) {
  return new Promise((resolve, reject) => {
    const options = { cwd, stdio: ["ignore", "pipe", "ignore"], timeout: PATIENCE_MS };
    const child = spawn("npm", [...args, "--fetch-retries=0"], options);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}

/**
 * Lists the packages that the server runs on, by way of a scratch folder. `npm sbom --omit=dev` leaves out what a tool
 * needs as well, so it is shown a project without tools.
 */
export function listPackages(scratch) {
  const [manifest, lock] = ["package.json", "package-lock.json"].map((name) =>
    JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8")),
  );
  const needed = Object.entries(lock.packages).filter(([, { dev }]) => !dev);
  const packages = { ...Object.fromEntries(needed), "": withoutTools(lock.packages[""]) };
  writeFileSync(join(scratch, "package.json"), JSON.stringify(withoutTools(manifest)));
  writeFileSync(join(scratch, "package-lock.json"), JSON.stringify({ ...lock, packages }));
  return npm(["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"], scratch);
}

function withoutTools({ devDependencies, peerDependencies, peerDependenciesMeta, ...others }) {
  return others;
}

async function main(target) {
  const scratch = mkdtempSync(join(tmpdir(), "supply-chain-"));
  const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  try {
    const [audit, signatures, list] = await Promise.all([
      npm(["audit", "--omit=dev", "--json"]),
      npm(["audit", "signatures", "--omit=dev", "--json"]),
      listPackages(scratch),
    ]);
    const file = target ?? join(scratch, "packages.cdx.json");
    writeFileSync(file, list);
    const verdicts = [
      judgeAudit(audit),
      judgeSignatures(signatures),
      judgeList(readFileSync(file, "utf8"), Object.keys(dependencies)),
    ];
    for (const { line } of verdicts) console.log(line);
    if (verdicts.some(({ kind }) => kind === "bad")) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv[2]);
