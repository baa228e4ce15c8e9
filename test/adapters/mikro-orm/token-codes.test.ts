import { expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../../src/adapters/mikro-orm/index.ts";
import { accessToken } from "../../../src/testing/token-repository.ts";
import { codeOf } from "./forge.ts";

it("a token lets nobody in that was written under another key, or none", async () => {
  const database = await openDatabase({ url: "sqlite::memory:" });
  onTestFinished(() => database.close());
  await database.tokensUnder(codeOf("old")).add(accessToken());
  await database.tokensUnder().add(accessToken({ id: "unsigned", hash: "u", createdAt: 0 }));
  expect(await database.tokensUnder(codeOf("new")).all()).toEqual({
    tokens: [],
    forged: ["unsigned", accessToken().id],
  });
});
