import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import type { ImportOutcome, ImportResult, KeyPool } from "../../application/index.ts";
import { fail, succeed } from "./answers.ts";
import { importTemplate } from "./import-template.ts";
import { importErrorOf, presentImport, presentImportVerdict } from "./present-import.ts";
import { type BodyOptions, readBody, UPLOAD_LIMIT_BYTES } from "./read-body.ts";
import { readQuery } from "./read-query.ts";
import { type Handler, type RequestContext, type Routes, rawQuery } from "./request-context.ts";
import { createKeysBody, templateQuery, validateBody } from "./upload-bodies.ts";
import { parseUpload } from "./upload-parser.ts";
import { domainRow } from "./wire-names.ts";

const ROWS_PER_TURN = 500;
const ROWS_PER_LINE = 10_000;
const FAILURES_TOLD = 10;

/** Many keys at once, from a file. */
export function uploadRoutes(base: string, pool: KeyPool, log: Logger): Routes {
  const template: Handler = (ctx) => {
    const { type = "speech" } = readQuery(templateQuery, rawQuery(ctx));
    ctx.attachment(`${type}-keys-template.json`);
    ctx.type = "json";
    ctx.body = `${JSON.stringify(importTemplate(type), null, 2)}\n`;
  };

  const validate: Handler = async (ctx) => {
    const { service, rows } = await readBody(ctx, validateBody, uploadOptions(hangUpOf(ctx)));
    const verdict = await pool.validateImport.execute(service, inParts(rows));
    const count = verdict.problems.length;
    succeed(ctx, presentImportVerdict(verdict), count === 0 ? "Valid" : `${count} problems found`);
  };

  const createKeys: Handler = async (ctx) => {
    const hangUp = hangUpOf(ctx);
    const { service, rows, options } = await readBody(ctx, createKeysBody, uploadOptions(hangUp));
    const { requestId } = ctx.state;
    const outcome = await pool.importKeys.execute({
      service,
      parts: inParts(rows),
      options,
      // Asking Azure about many keys takes long, and is for nobody then. All else is soon done.
      signal: options.testBeforeCreate ? hangUp : undefined,
      onProgress: (done, total) => {
        if (done % ROWS_PER_LINE === 0) log.info({ requestId, done, total }, "importing keys");
      },
    });
    answerImport(ctx, outcome);
  };

  return {
    [`${base}/template`]: { GET: template },
    [`${base}/validate`]: { POST: validate },
    [`${base}/create-keys`]: { POST: createKeys },
  };
}

function uploadOptions(hangUp: AbortSignal): BodyOptions {
  return { limitBytes: UPLOAD_LIMIT_BYTES, parse: (bytes) => parseUpload(bytes, hangUp) };
}

/** Aborted when the caller is gone. */
function hangUpOf({ res }: RequestContext): AbortSignal {
  const gone = new AbortController();
  const reason = Object.assign(new Error("The caller has hung up"), { code: "ECONNRESET" });
  res.once("close", () => gone.abort(reason));
  return gone.signal;
}

function answerImport(ctx: RequestContext, outcome: ImportOutcome): void {
  const { created, failed, stopped, results } = outcome;
  const data = presentImport(outcome);
  const summary = `${failed} of ${results.length} rows failed`;
  if (stopped || failed === results.length) {
    const error = `${stopped ? "Nothing was created: " : ""}${summary}: ${failuresOf(results)}`;
    fail(ctx, "invalid_request", error, { data });
  } else if (failed > 0) {
    succeed(ctx, data, summary, 207);
  } else {
    succeed(ctx, data, "Keys imported successfully", created > 0 ? 201 : 200);
  }
}

/** The first few, for people; `data.results` has them all. */
function failuresOf(results: readonly ImportResult[]): string {
  const failures = results.filter(({ status }) => status === "failed");
  const told = failures
    .slice(0, FAILURES_TOLD)
    .map((failure) => `keys[${failure.index}] ${importErrorOf(failure)}`);
  return [...told, ...(failures.length > told.length ? ["…"] : [])].join("; ");
}

/** The rows in the domain's words, with a pause between the parts for whatever waits. */
async function* inParts(rows: readonly unknown[]): AsyncGenerator<readonly unknown[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_TURN) {
    yield rows.slice(start, start + ROWS_PER_TURN).map(domainRow);
    await nextTurn();
  }
}
