import { DEFAULT_REGION, type Service } from "../../../domain/index.ts";
import { keyUpdateBody, newKeyBody, reportBody } from "../key-bodies.ts";
import { keyListQuery, logListQuery, poolQuery } from "../key-queries.ts";
import { cooling, handedOutKey, key, keyList, logPage, reportOutcome, statistics } from "./key-answers.ts";
import { BODY, failure, type Operation, type Operations, STORAGE, success } from "./operation.ts";
import { PROBE_OPERATIONS } from "./probe-operations.ts";

const KEY = "The subscription key, percent-encoded, or its numeric id";

/** Everything about the keys of one service. */
export function keyOperations(service: Service, base: string): Operations {
  const tag = service === "speech" ? "Speech keys" : "Translator keys";
  const region = DEFAULT_REGION[service];
  const newKey = { key: "your-azure-key-0001", region, keyname: "Production Key 1" };

  const act = (summary: string): Operation => ({
    tag,
    summary,
    key: KEY,
    answers: { 200: { description: "The key as it is now", schema: success(key) } },
    failures: ["key_not_found", ...BODY],
  });

  return {
    [`${base}/get`]: {
      GET: {
        tag,
        summary: "Get a usable key",
        description: `The next key of the region (default ${region}), of those with the tag if one is given.`,
        query: poolQuery,
        answers: {
          200: { description: "The key to use now", schema: success(handedOutKey) },
          503: {
            description: "All keys of the pool are cooling down",
            schema: failure("all_keys_cooling", cooling),
            headers: { "Retry-After": "Whole seconds until the first key returns" },
          },
        },
        failures: ["no_key", ...STORAGE],
      },
      HEAD: {
        tag,
        summary: "Check a hand-out's query",
        description: "Answers like GET without a body, and takes no turn.",
        query: poolQuery,
        answers: { 200: { description: "The query is good" } },
        failures: [],
      },
    },
    [`${base}/status`]: {
      POST: {
        tag,
        summary: "Report the status code a key got",
        description: "Rests a throttled key, retires a dead one. Durable when it is answered.",
        body: reportBody,
        example: { key: "your-azure-key-0001", code: 200, note: "API call successful" },
        answers: { 200: { description: "What the code did", schema: success(reportOutcome) } },
        failures: ["key_not_found", ...BODY],
      },
    },
    ...PROBE_OPERATIONS[service],
    [`${base}/logs`]: {
      GET: {
        tag,
        summary: "List what happened, newest first",
        description: "Page 1 of 50 rows by default.",
        query: logListQuery,
        answers: { 200: { description: "A page of the log", schema: success(logPage) } },
        failures: STORAGE,
      },
    },
    [`${base}/stats`]: {
      GET: {
        tag,
        summary: "Count keys by status",
        answers: { 200: { description: "Counts, and the keys that rest", schema: success(statistics) } },
        failures: STORAGE,
      },
    },
    [base]: {
      GET: {
        tag,
        summary: "List keys, masked",
        description: "All of them, or a page when page or limit is given.",
        query: keyListQuery,
        answers: { 200: { description: "The keys by id", schema: success(keyList) } },
        failures: STORAGE,
      },
      POST: {
        tag,
        summary: "Add a key",
        body: newKeyBody,
        example: newKey,
        answers: { 201: { description: "The key that was added", schema: success(key) } },
        failures: ["key_exists", ...BODY],
      },
    },
    [`${base}/:key`]: {
      PUT: {
        ...act("Rename, move or tag a key"),
        description: "At least one field. Its standing moves along; an empty tag takes the tag away.",
        body: keyUpdateBody,
        example: { keyname: "Production Key 2" },
      },
      DELETE: act("Delete a key; its log stays"),
    },
    [`${base}/:key/enable`]: { POST: act("Enable a key, and end its cooldown") },
    [`${base}/:key/disable`]: { POST: act("Disable a key until a person enables it") },
  };
}
