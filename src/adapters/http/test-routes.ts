import type { z } from "zod";
import type { KeyPool, KeyTestOutcome, ProbeQuestion } from "../../application/index.ts";
import { isSuccess, type Verdict } from "../../domain/index.ts";
import { fail, succeed } from "./answers.ts";
import { presentTest } from "./present-test.ts";
import { recognitionBody, synthesisBody, translationBody } from "./probe-bodies.ts";
import { readBody } from "./read-body.ts";
import { invalid } from "./refusal.ts";
import type { Handler, RequestContext, Routes } from "./request-context.ts";

/** Asking Azure whether a key works, under the paths of its service's keys. */
export function testRoutes(base: string, pool: KeyPool): Routes {
  const test =
    (body: z.ZodType<ProbeQuestion>): Handler =>
    async (ctx) => {
      answer(ctx, await pool.testKey.execute(await readBody(ctx, body)));
    };

  return {
    [`${base}/keys/test`]: { POST: test(synthesisBody) },
    [`${base}/keys/test2`]: { POST: test(recognitionBody) },
    [`${base}/translation/keys/test`]: { POST: test(translationBody) },
  };
}

function answer(ctx: RequestContext, outcome: KeyTestOutcome): void {
  const { verdict } = outcome.probed;
  if (verdict.source !== "service") {
    failWithoutVerdict(ctx, verdict);
  } else if (isSuccess(verdict.code)) {
    succeed(ctx, presentTest(outcome), "Key test successful");
  } else {
    fail(ctx, "key_rejected", `Key test failed: ${verdict.reason}`, { data: presentTest(outcome) });
  }
}

/** Azure has said nothing about the key: it was not reached, or never asked. */
function failWithoutVerdict(ctx: RequestContext, { code, source, reason }: Verdict): void {
  if (source === "local" && code === 400) throw invalid({ field: "body", message: reason });
  fail(ctx, code === 504 ? "probe_timeout" : "probe_failed", `Key test not possible: ${reason}`);
}
