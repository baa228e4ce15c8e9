import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import type { ImportOutcome, ImportResult, KeyPool } from "../../../application/index.ts";
import { failure, success } from "../server/answer-schemas.ts";
import { fail, succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { BODY } from "../server/failure-codes.ts";
import { askerOf, scopeOf } from "../server/guard.ts";
import { hangUpOf } from "../server/hang-up.ts";
import { Places } from "../server/places.ts";
import { type BodyOptions, UPLOAD_LIMIT_BYTES } from "../server/read-body.ts";
import { invalid } from "../server/refusal.ts";
import type { RequestContext } from "../server/request-context.ts";
import { type Route, route } from "../server/route.ts";
import { domainRow } from "../server/wire-names.ts";
import { importTemplate } from "./import-template.ts";
import { TEXT_MEDIA } from "./text-rows.ts";
import { importErrorOf, presentImport, presentImportVerdict } from "./upload-answers.ts";
import { FILE_EXAMPLE, UPLOAD_TEXTS } from "./upload-examples.ts";
import { MOST_ROWS, MOST_VALUES } from "./upload-limits.ts";
import { parseUpload } from "./upload-parser.ts";
import {
  createKeysBody,
  documentedCreateKeysBody,
  documentedValidateBody,
  importFindings,
  importReport,
  template,
  templateQuery,
  type UploadQuery,
  uploadQuery,
  validateBody,
} from "./upload-schemas.ts";

const ROWS_PER_TURN = 500;
const ROWS_PER_LINE = 10_000;
const FAILURES_NAMED = 10;
/** Each may be 32 MB, and several times that once it is parsed. */
const READ_AT_A_TIME = 2;

const base = `${BASE}/upload`;
const tag = "Import";
const TAKES = `The body is a template that was filled in, its bare array of keys, either of them as \`jsonData\`, CSV, or a list of keys. The query is for CSV and lists; JSON says the same in its body. Up to 32 MB, ${MOST_ROWS} keys and ${MOST_VALUES} JSON values.`;

/** Many keys at once, from a file. */
export function uploadRoutes(pool: KeyPool, log: Logger): readonly Route[] {
  const report = success(importReport);
  const places = new Places(READ_AT_A_TIME);
  const upload = (ctx: RequestContext, query: UploadQuery): BodyOptions => ({
    limitBytes: UPLOAD_LIMIT_BYTES,
    places,
    texts: TEXT_MEDIA,
    async parse(bytes, sent) {
      const signal = hangUpOf(ctx);
      const media = TEXT_MEDIA.find((one) => one === sent);
      if (media === undefined) {
        refuseQuery(query);
        return parseUpload(bytes, { signal });
      }
      const { type, region, ...options } = query;
      const file = await parseUpload(bytes, { signal, text: { media, region } });
      return { ...(file as object), type, options };
    },
  });

  const download = route({
    method: "GET",
    path: `${base}/template`,
    tag,
    summary: "Download a file to fill in",
    description: "With two rows that show every field, and the options with their defaults.",
    role: "viewer",
    query: templateQuery,
    answers: {
      200: {
        description: "A file that create-keys accepts once its keys are filled in",
        schema: template,
        headers: { "Content-Disposition": "The file's name" },
      },
    },
    failures: [],
    handler(ctx, { query: { type = "speech" } }) {
      ctx.attachment(`${type}-keys-template.json`);
      ctx.type = "json";
      ctx.body = `${JSON.stringify(importTemplate(type), null, 2)}\n`;
    },
  });

  const validate = route({
    method: "POST",
    path: `${base}/validate`,
    tag,
    summary: "Check a file, and change nothing",
    description: TAKES,
    role: "operator",
    query: uploadQuery,
    body: validateBody,
    documentedBody: documentedValidateBody,
    example: { jsonData: FILE_EXAMPLE },
    texts: UPLOAD_TEXTS,
    answers: { 200: { description: "Everything that is wrong with it", schema: success(importFindings) } },
    failures: BODY,
    reading: upload,
    async handler(ctx, { body: { service, rows } }) {
      const verdict = await pool.validateImport.execute(service, inParts(rows), scopeOf(ctx));
      const count = verdict.problems.length;
      succeed(ctx, presentImportVerdict(verdict), count === 0 ? "Valid" : `${count} problems found`);
    },
  });

  const createKeys = route({
    method: "POST",
    path: `${base}/create-keys`,
    tag,
    summary: "Import many keys",
    description: `${TAKES} Type and options beside jsonData win over those in it. Keys that exist are skipped, so an import that was cut short can be run again. With testBeforeCreate, an import ends when its caller hangs up.`,
    role: "operator",
    query: uploadQuery,
    body: createKeysBody,
    documentedBody: documentedCreateKeysBody,
    example: { jsonData: FILE_EXAMPLE, options: { validateBeforeCreate: true } },
    texts: UPLOAD_TEXTS,
    answers: {
      200: { description: "Nothing failed and nothing was created", schema: report },
      201: { description: "Nothing failed and some keys were created", schema: report },
      207: { description: "Some rows failed", schema: report },
      400: {
        description: "All rows failed, or validation stopped the import",
        schema: failure("invalid_request", importReport),
      },
    },
    failures: ["probe_unavailable", ...BODY],
    reading: upload,
    async handler(ctx, { body: { service, rows, options } }) {
      const { requestId } = ctx.state;
      const outcome = await pool.importKeys.execute({
        service,
        parts: inParts(rows),
        options,
        scope: scopeOf(ctx),
        asker: askerOf(ctx),
        // Asking Azure about many keys takes long, and is for nobody then. All else is soon done.
        signal: options.testBeforeCreate ? hangUpOf(ctx) : undefined,
        onProgress: (done, total) => {
          if (done % ROWS_PER_LINE === 0) log.info({ requestId, done, total }, "importing keys");
        },
      });
      answerImport(ctx, outcome);
    },
  });

  return [download, validate, createKeys];
}

/** What is said twice could be said differently. */
function refuseQuery(query: UploadQuery): void {
  const message = "is for text/csv and text/plain; in JSON it stands in the body";
  const problems = Object.keys(query).map((field) => ({ field, message }));
  if (problems.length > 0) throw invalid(...problems);
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
  const named = failures
    .slice(0, FAILURES_NAMED)
    .map((failure) => `keys[${failure.index}] ${importErrorOf(failure)}`);
  return [...named, ...(failures.length > named.length ? ["…"] : [])].join("; ");
}

/** The rows in the domain's words, with a pause between the parts for other work. */
async function* inParts(rows: readonly unknown[]): AsyncGenerator<readonly unknown[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_TURN) {
    yield rows.slice(start, start + ROWS_PER_TURN).map(domainRow);
    await nextTurn();
  }
}
