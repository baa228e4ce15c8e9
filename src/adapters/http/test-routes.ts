import { z } from "zod";
import {
  type KeyPool,
  type KeyTestOutcome,
  type ProbeKind,
  type ProbeQuestion,
  SERVICE_OF,
} from "../../application/index.ts";
import { DEFAULT_REGION, invalid, isSuccess, type Verdict } from "../../domain/index.ts";
import { fail, succeed } from "./answers.ts";
import { language, probeText, region, secret } from "./fields.ts";
import { presentTest } from "./present-test.ts";
import { readBody } from "./read-body.ts";
import type { Handler, RequestContext, Routes } from "./request-context.ts";

export const testFields = z.object({
  key: secret,
  region: region.nullish(),
  text: probeText.nullish(),
  from: language("from").nullish(),
  to: language("to").nullish(),
});

const testBody = testFields.transform(({ key, region, text, from, to }) => ({
  secret: key,
  region: region ?? undefined,
  text: text ?? undefined,
  from: from ?? undefined,
  to: to ?? undefined,
}));

/** Asking Azure whether a key works, under the paths of its service's keys. */
export function testRoutes(base: string, pool: KeyPool): Routes {
  const test =
    (kind: ProbeKind): Handler =>
    async (ctx) => {
      const body = await readBody(ctx, testBody);
      const question: ProbeQuestion = {
        ...body,
        kind,
        region: body.region ?? DEFAULT_REGION[SERVICE_OF[kind]],
      };
      answer(ctx, await pool.testKey.execute(question));
    };

  return {
    [`${base}/keys/test`]: { POST: test("synthesis") },
    [`${base}/keys/test2`]: { POST: test("recognition") },
    [`${base}/translation/keys/test`]: { POST: test("translation") },
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
