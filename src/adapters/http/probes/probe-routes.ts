import { z } from "zod";
import {
  type KeyPool,
  type KeyTestOutcome,
  type ProbeKind,
  type ProbeQuestion,
  SERVICE_OF,
} from "../../../application/index.ts";
import { isSuccess, type Service, type Verdict } from "../../../domain/index.ts";
import { readReference } from "../keys/key-schemas.ts";
import { KEY, KEYS_PATH, KEYS_TAG } from "../keys/keys-path.ts";
import { failure, success } from "../server/answer-schemas.ts";
import { fail, succeed } from "../server/answers.ts";
import { BODY } from "../server/failure-codes.ts";
import { askerOf, scopeOf } from "../server/guard.ts";
import { hangUpOf } from "../server/hang-up.ts";
import { invalid } from "../server/refusal.ts";
import { type Answering, keyParameter, type RequestContext } from "../server/request-context.ts";
import { type Route, type RouteContract, route } from "../server/route.ts";
import { presentRecognition, presentSynthesis, presentTranslation } from "./probe-answers.ts";
import { probeBody, recognitionTest, synthesisTest, translationTest } from "./probe-schemas.ts";

/** Asking Azure whether a key works, under the paths of its service's keys. */
export function probeRoutes(pool: KeyPool): readonly Route[] {
  const ask = (ctx: RequestContext, question: ProbeQuestion) =>
    pool.testKey.execute(question, hangUpOf(ctx), scopeOf(ctx), askerOf(ctx));

  const synthesis = route({
    ...contractOf("synthesis", "test", "Test a key with text to speech"),
    body: probeBody("synthesis"),
    answers: answersWith(synthesisTest),
    async handler(ctx, { body }) {
      answer(ctx, await ask(ctx, body), presentSynthesis);
    },
  });

  const recognition = route({
    ...contractOf("recognition", "test2", "Test a key with speech to text"),
    body: probeBody("recognition"),
    answers: answersWith(recognitionTest),
    async handler(ctx, { body }) {
      answer(ctx, await ask(ctx, body), presentRecognition);
    },
  });

  const translation = route({
    ...contractOf("translation", "test", "Test a key with a translation"),
    body: probeBody("translation"),
    answers: answersWith(translationTest),
    async handler(ctx, { body }) {
      answer(ctx, await ask(ctx, body), presentTranslation);
    },
  });

  const askOf = (ctx: RequestContext, service: Service, kind: ProbeKind) => {
    const reference = readReference(keyParameter(ctx));
    return pool.testKey.ofPool(service, reference, { kind }, hangUpOf(ctx), scopeOf(ctx), askerOf(ctx));
  };

  const speechKey = route({
    ...contractOfPool("speech"),
    answers: answersWith(synthesisTest),
    async handler(ctx) {
      answer(ctx, await askOf(ctx, "speech", "synthesis"), presentSynthesis);
    },
  });

  const translationKey = route({
    ...contractOfPool("translation"),
    answers: answersWith(translationTest),
    async handler(ctx) {
      answer(ctx, await askOf(ctx, "translation", "translation"), presentTranslation);
    },
  });

  return [synthesis, recognition, translation, speechKey, translationKey];
}

function contractOf(kind: ProbeKind, name: string, summary: string) {
  const service = SERVICE_OF[kind];
  return {
    method: "POST",
    path: `${KEYS_PATH[service]}/${name}`,
    tag: KEYS_TAG[service],
    summary,
    description:
      "Azure's verdict is 200, whatever it is: `success` says whether the key works. It is applied to the pool when the key is registered in this service and region. A caller that hangs up leaves the line.",
    role: "operator",
    example: { key: "your-azure-key-0001", region: "eastasia" },
    failures: ["probe_unavailable", "probe_failed", "probe_timeout", "busy", ...BODY],
  } as const satisfies Partial<RouteContract>;
}

function contractOfPool(service: Service) {
  return {
    method: "POST",
    path: `${KEYS_PATH[service]}/:key/test`,
    tag: KEYS_TAG[service],
    summary: "Test a key of the pool",
    description: "As with its secret: with text to speech, or a translation.",
    role: "operator",
    key: KEY,
    failures: ["key_not_found", "probe_unavailable", "probe_failed", "probe_timeout", "busy", ...BODY],
  } as const satisfies Partial<RouteContract>;
}

function answersWith<S extends z.ZodType>(data: S) {
  const schema = z.union([success(data), failure("key_rejected", data)]);
  return { 200: { description: "Azure's verdict", schema } };
}

function answer<D>(
  ctx: Answering<D>,
  outcome: KeyTestOutcome,
  present: (outcome: KeyTestOutcome) => NoInfer<D>,
): void {
  const { verdict } = outcome.probed;
  if (verdict.source !== "service") {
    failWithoutVerdict(ctx, verdict);
  } else if (isSuccess(verdict.code)) {
    succeed(ctx, present(outcome), "Key test successful");
  } else {
    fail(ctx, "key_rejected", `Key test failed: ${verdict.reason}`, { data: present(outcome) });
  }
}

/** Azure has said nothing about the key: it was not reached, or never asked. */
function failWithoutVerdict(ctx: RequestContext, { code, source, reason }: Verdict): void {
  if (source === "local" && code === 400) throw invalid({ field: "body", message: reason });
  fail(ctx, code === 504 ? "probe_timeout" : "probe_failed", `Key test not possible: ${reason}`);
}
