import type { KeyPool } from "../../application/index.ts";
import { succeed } from "./answers.ts";
import { presentSetting } from "./present-setting.ts";
import { readBody, readJson } from "./read-body.ts";
import { type Handler, keyParameter, type Routes } from "./request-context.ts";
import { settingBatchBody, settingBody, settingUpdateBody } from "./setting-bodies.ts";

export function settingRoutes(base: string, pool: KeyPool): Routes {
  const list: Handler = async (ctx) => {
    const entries = await pool.listSettings.execute();
    succeed(ctx, entries.map(presentSetting), "Settings retrieved successfully");
  };

  const read: Handler = async (ctx) => {
    const entry = await pool.readSetting.execute(keyParameter(ctx));
    succeed(ctx, presentSetting(entry), "Setting retrieved successfully");
  };

  const save: Handler = async (ctx) => {
    const { entry, created } = await pool.saveSetting.execute(await readBody(ctx, settingBody));
    const message = created ? "Setting created successfully" : "Setting updated successfully";
    succeed(ctx, presentSetting(entry), message, created ? 201 : 200);
  };

  const saveBatch: Handler = async (ctx) => {
    const { configs } = await readBody(ctx, settingBatchBody);
    const entries = await pool.saveSettings.execute(configs);
    succeed(ctx, entries.map(presentSetting), "Settings updated successfully");
  };

  const update: Handler = async (ctx) => {
    const changes = await readBody(ctx, settingUpdateBody);
    const entry = await pool.updateSetting.execute({ name: keyParameter(ctx), ...changes });
    succeed(ctx, presentSetting(entry), "Setting updated successfully");
  };

  const restore: Handler = async (ctx) => {
    await readJson(ctx);
    const entry = await pool.restoreSetting.execute(keyParameter(ctx));
    succeed(ctx, presentSetting(entry), "Setting deleted successfully");
  };

  return {
    [base]: { GET: list, POST: save },
    [`${base}/batch`]: { POST: saveBatch },
    [`${base}/:key`]: { GET: read, PUT: update, DELETE: restore },
  };
}
