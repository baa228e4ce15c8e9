import { z } from "zod";
import { BODY, failure, type Operations, success } from "./operation.ts";
import { cleanup, health } from "./other-answers.ts";

const tag = "System";
const document = z.looseObject({ openapi: z.literal("3.1.0") });

export const SYSTEM_OPERATIONS: Operations = {
  "/system/cleanup": {
    GET: {
      tag,
      summary: "See which log rows are kept",
      answers: { 200: { description: "Last run, next run and settings", schema: success(cleanup) } },
      failures: [],
    },
    POST: {
      tag,
      summary: "Remove old log rows now",
      answers: { 200: { description: "What was removed", schema: success(cleanup) } },
      failures: BODY,
    },
  },
  "/health": {
    GET: {
      tag,
      summary: "Check health",
      answers: {
        200: { description: "Healthy or degraded", schema: success(health) },
        503: { description: "Keys cannot be handed out", schema: failure("unhealthy", health) },
      },
      failures: [],
    },
  },
  "/docs": {
    GET: {
      tag,
      summary: "Read this documentation",
      description: "A page for browsers; the OpenAPI document for `Accept: application/json`.",
      answers: { 200: { description: "The documentation", schema: document, page: true } },
      failures: [],
    },
  },
  "/openapi.json": {
    GET: {
      tag,
      summary: "Get the OpenAPI 3.1 document",
      answers: { 200: { description: "The document", schema: document } },
      failures: [],
    },
  },
};
