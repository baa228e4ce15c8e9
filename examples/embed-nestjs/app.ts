// The pool inside a Nest app: injected into what asks it for keys, and with its HTTP API mounted under /pool, where the page
// of its documentation is /pool/api/docs. It is written without decorators, so that Node runs it as it is; in a class of
// yours `@Inject(KEY_POOL) pool: KeyPool` does what `inject` does here.
import type { ServerResponse } from "node:http";
import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import type { KeyPool } from "azure-key-pool";
import { KEY_POOL, KEY_POOL_API, keyPoolModule } from "./key-pool-module.ts";

/** Answers the status code that Azure gave. */
export type CallAzure = (secret: string, region: string) => Promise<number>;

class Speaker {
  readonly #pool: KeyPool;
  readonly #callAzure: CallAzure;

  constructor(pool: KeyPool, callAzure: CallAzure) {
    this.#pool = pool;
    this.#callAzure = callAzure;
  }

  /** Null when there is no usable key. */
  async speak() {
    const turn = await this.#pool.handOutKey.execute({ service: "speech", region: "eastasia" });
    if (turn.status !== "handed-out") return null;
    const { service, secret, region } = turn.key;
    const code = await this.#callAzure(secret, region);
    const { action } = await this.#pool.reportCode.execute({ service, secret, code });
    return { code, action };
  }
}

class AppModule {}

export async function openApp(callAzure: CallAzure): Promise<NestExpressApplication> {
  const speaker = {
    provide: Speaker,
    useFactory: (pool: KeyPool) => new Speaker(pool, callAzure),
    inject: [KEY_POOL],
  };
  const root = { module: AppModule, imports: [keyPoolModule()], providers: [speaker] };
  const app = await NestFactory.create<NestExpressApplication>(root, { logger: ["error", "warn"] });
  app.use("/pool", app.get(KEY_POOL_API));
  app.use("/speak", async (_request: unknown, response: ServerResponse) => {
    const spoken = await app.get(Speaker).speak();
    response
      .writeHead(spoken ? 200 : 503, { "content-type": "application/json" })
      .end(JSON.stringify(spoken));
  });
  return app;
}
