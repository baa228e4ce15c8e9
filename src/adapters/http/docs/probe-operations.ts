import { z } from "zod";
import type { Service } from "../../../domain/index.ts";
import { recognitionBody, synthesisBody, translationBody } from "../probe-bodies.ts";
import { recognition, synthesis, translation } from "./key-answers.ts";
import { BODY, failure, type Operation, type Operations, success } from "./operation.ts";

const PROBE = {
  description:
    "Azure's verdict is 200, whatever it is: `success` says whether the key works. The pool is told when the key is registered in this service and region.",
  example: { key: "your-azure-key-0001", region: "eastasia" },
};

function probe(tag: string, summary: string, body: z.ZodType, data: z.ZodType): Operation {
  return {
    tag,
    summary,
    ...PROBE,
    body,
    answers: {
      200: {
        description: "Azure's verdict",
        schema: z.union([success(data), failure("key_rejected", data)]),
      },
    },
    failures: ["probe_unavailable", "probe_failed", "probe_timeout", ...BODY],
  };
}

/** Asking Azure itself whether a key works. */
export const PROBE_OPERATIONS: Readonly<Record<Service, Operations>> = {
  speech: {
    "/keys/test": { POST: probe("Speech keys", "Test a key with text to speech", synthesisBody, synthesis) },
    "/keys/test2": {
      POST: probe("Speech keys", "Test a key with speech to text", recognitionBody, recognition),
    },
  },
  translation: {
    "/translation/keys/test": {
      POST: probe("Translator keys", "Test a key with a translation", translationBody, translation),
    },
  },
};
