import { z } from "zod";
import { settingBatchBody, settingBody, settingUpdateBody } from "../setting-bodies.ts";
import { BODY, type Operations, STORAGE, success } from "./operation.ts";
import { setting } from "./other-answers.ts";

const tag = "Settings";
const key = "The setting's name, such as cooldown_seconds";
const one = success(setting);
const example = { config_key: "cooldown_seconds", config_value: "120" };

export const SETTING_OPERATIONS: Operations = {
  "/config": {
    GET: {
      tag,
      summary: "List settings",
      answers: { 200: { description: "All settings by name", schema: success(z.array(setting)) } },
      failures: STORAGE,
    },
    POST: {
      tag,
      summary: "Create or change a setting",
      description: "In force at once. Known names are validated, others hold free text.",
      body: settingBody,
      example,
      answers: {
        200: { description: "Changed", schema: one },
        201: { description: "Created", schema: one },
      },
      failures: BODY,
    },
  },
  "/config/batch": {
    POST: {
      tag,
      summary: "Change many settings, all or none",
      body: settingBatchBody,
      example: { configs: [example] },
      answers: { 200: { description: "The settings as they are now", schema: success(z.array(setting)) } },
      failures: BODY,
    },
  },
  "/config/:key": {
    GET: {
      tag,
      summary: "Read a setting",
      key,
      answers: { 200: { description: "The setting", schema: one } },
      failures: ["config_not_found", ...STORAGE],
    },
    PUT: {
      tag,
      summary: "Change a setting that is there",
      key,
      body: settingUpdateBody,
      example: { config_value: "120" },
      answers: { 200: { description: "The setting as it is now", schema: one } },
      failures: ["config_not_found", ...BODY],
    },
    DELETE: {
      tag,
      summary: "Delete a setting; a known one gets its default back",
      key,
      answers: { 200: { description: "The setting as it was, or its default", schema: one } },
      failures: ["config_not_found", ...BODY],
    },
  },
};
