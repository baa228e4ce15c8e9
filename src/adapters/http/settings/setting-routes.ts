import { z } from "zod";
import type { KeyPool } from "../../../application/index.ts";
import { success } from "../server/answer-schemas.ts";
import { succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { BODY, STORAGE } from "../server/failure-codes.ts";
import { askerOf } from "../server/guard.ts";
import { keyParameter } from "../server/request-context.ts";
import { type Route, route } from "../server/route.ts";
import { presentSetting } from "./setting-answers.ts";
import {
  documentedSettingBatchBody,
  setting,
  settingBatchBody,
  settingBody,
  settingUpdateBody,
} from "./setting-schemas.ts";

const base = `${BASE}/config`;
const tag = "Settings";
const oneSetting = { key: "The setting's name", keyExample: "cooldown_seconds" };
const one = success(setting);
const example = { config_key: "cooldown_seconds", config_value: "120" };

export function settingRoutes(pool: KeyPool): readonly Route[] {
  const list = route({
    method: "GET",
    path: base,
    tag,
    summary: "List settings",
    description: "By name: those that the pool knows, which always have a value, and free ones.",
    role: "operator",
    answers: { 200: { description: "All settings by name", schema: success(z.array(setting)) } },
    failures: STORAGE,
    async handler(ctx) {
      const entries = await pool.settings.list();
      succeed(ctx, entries.map(presentSetting), "Settings retrieved successfully");
    },
  });

  const save = route({
    method: "POST",
    path: base,
    tag,
    summary: "Create or change a setting",
    description: "In force at once. Known names are validated, others hold free text.",
    role: "admin",
    global: true,
    body: settingBody,
    example,
    answers: {
      200: { description: "Changed", schema: one },
      201: { description: "Created", schema: one },
    },
    failures: BODY,
    async handler(ctx, { body }) {
      const { entry, created } = await pool.settings.save(body, askerOf(ctx));
      const message = created ? "Setting created successfully" : "Setting updated successfully";
      succeed(ctx, presentSetting(entry), message, created ? 201 : 200);
    },
  });

  const saveBatch = route({
    method: "POST",
    path: `${base}/batch`,
    tag,
    summary: "Change many settings, all or none",
    description: "In force at once, together. Names that are not there are created. At most 1000.",
    role: "admin",
    global: true,
    body: settingBatchBody,
    documentedBody: documentedSettingBatchBody,
    example: { configs: [example] },
    answers: { 200: { description: "The settings as they are now", schema: success(z.array(setting)) } },
    failures: BODY,
    async handler(ctx, { body }) {
      const entries = await pool.settings.saveAll(body.configs, askerOf(ctx));
      succeed(ctx, entries.map(presentSetting), "Settings updated successfully");
    },
  });

  const read = route({
    method: "GET",
    path: `${base}/:key`,
    tag,
    summary: "Read a setting",
    description: "As it is in force. A setting that the pool knows is always there.",
    role: "operator",
    ...oneSetting,
    answers: { 200: { description: "The setting", schema: one } },
    failures: ["config_not_found", ...STORAGE],
    async handler(ctx) {
      const entry = await pool.settings.read(keyParameter(ctx));
      succeed(ctx, presentSetting(entry), "Setting retrieved successfully");
    },
  });

  const update = route({
    method: "PUT",
    path: `${base}/:key`,
    tag,
    summary: "Change a setting that is there",
    description: "In force at once. Without a description it keeps the one it has.",
    role: "admin",
    global: true,
    ...oneSetting,
    body: settingUpdateBody,
    example: { config_value: "120" },
    answers: { 200: { description: "The setting as it is now", schema: one } },
    failures: ["config_not_found", ...BODY],
    async handler(ctx, { body }) {
      const entry = await pool.settings.update({ name: keyParameter(ctx), ...body }, askerOf(ctx));
      succeed(ctx, presentSetting(entry), "Setting updated successfully");
    },
  });

  const restore = route({
    method: "DELETE",
    path: `${base}/:key`,
    tag,
    summary: "Delete a setting; a known one gets its default back",
    description: "The answer is the setting that was deleted, or the known one with its default.",
    role: "admin",
    global: true,
    ...oneSetting,
    answers: { 200: { description: "The setting as it was, or its default", schema: one } },
    failures: ["config_not_found", ...BODY],
    async handler(ctx) {
      const entry = await pool.settings.restore(keyParameter(ctx), askerOf(ctx));
      succeed(ctx, presentSetting(entry), "Setting deleted successfully");
    },
  });

  return [list, save, saveBatch, read, update, restore];
}
