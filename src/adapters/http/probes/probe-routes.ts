import { z } from "zod";
import { type KeyPool, type KeyTestOutcome, type ProbeKind, SERVICE_OF } from "../../../application/index.ts";
import { isSuccess, SERVICES, type Service, type Verdict } from "../../../domain/index.ts";
import { readReference } from "../keys/key-schemas.ts";
import { KEY, KEYS_PATH, KEYS_TAG } from "../keys/keys-path.ts";
import { failure, success } from "../server/answer-schemas.ts";
import { fail, succeed } from "../server/answers.ts";
import { BODY } from "../server/failure-codes.ts";
import { scopeOf } from "../server/guard.ts";
import { hangUpOf } from "../server/hang-up.ts";
import { invalid } from "../server/refusal.ts";
import { keyParameter, type RequestContext } from "../server/request-context.ts";
import { type Route, route } from "../server/route.ts";
import { presentTest } from "./probe-answers.ts";
import { probeBody, recognitionTest, synthesisTest, translationTest } from "./probe-schemas.ts";

const KIND_OF: Readonly<Record<Service, ProbeKind>> = { speech: "synthesis", translation: "translation" };
const VERDICTS: Readonly<Record<Service, z.ZodType>> = {
  speech: verdictOf(synthesisTest),
  translation: verdictOf(translationTest),
};

/** Asking Azure whether a key works, under the paths of its service's keys. */
export function probeRoutes(pool: KeyPool): readonly Route[] {
  const test = (kind: ProbeKind, name: string, summary: string, data: z.ZodType) => {
    const service = SERVICE_OF[kind];
    return route({
      method: "POST",
      path: `${KEYS_PATH[service]}/${name}`,
      tag: KEYS_TAG[service],
      summary,
      description:
        "Azure's verdict is 200, whatever it is: `success` says whether the key works. It is applied to the pool when the key is registered in this service and region. A caller that hangs up leaves the line.",
      role: "operator",
      body: probeBody(kind),
      example: { key: "your-azure-key-0001", region: "eastasia" },
      answers: {
        200: {
          description: "Azure's verdict",
          schema: verdictOf(data),
        },
      },
      failures: ["probe_unavailable", "probe_failed", "probe_timeout", "busy", ...BODY],
      async handler(ctx, { body }) {
        answer(ctx, await pool.testKey.execute(body, hangUpOf(ctx), scopeOf(ctx)));
      },
    });
  };

  const testOfPool = (service: Service) =>
    route({
      method: "POST",
      path: `${KEYS_PATH[service]}/:key/test`,
      tag: KEYS_TAG[service],
      summary: "Test a key of the pool",
      description: "As with its secret: with text to speech, or a translation.",
      role: "operator",
      key: KEY,
      answers: { 200: { description: "Azure's verdict", schema: VERDICTS[service] } },
      failures: ["key_not_found", "probe_unavailable", "probe_failed", "probe_timeout", "busy", ...BODY],
      async handler(ctx) {
        const [reference, kind] = [readReference(keyParameter(ctx)), KIND_OF[service]];
        const asked = pool.testKey.ofPool(service, reference, { kind }, hangUpOf(ctx), scopeOf(ctx));
        answer(ctx, await asked);
      },
    });

  return [
    ...SERVICES.map(testOfPool),
    test("synthesis", "test", "Test a key with text to speech", synthesisTest),
    test("recognition", "test2", "Test a key with speech to text", recognitionTest),
    test("translation", "test", "Test a key with a translation", translationTest),
  ];
}

function verdictOf(data: z.ZodType) {
  return z.union([success(data), failure("key_rejected", data)]);
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
