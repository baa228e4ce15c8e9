import type { DynamicModule } from "@nestjs/common";
import { createKeyPool } from "azure-key-pool";
import { createHttpApp } from "azure-key-pool/http";
import { createInMemoryPorts } from "azure-key-pool/in-memory";
import { pino } from "pino";

/** What the pool is injected by. */
export const KEY_POOL = Symbol("KeyPool");

/** The HTTP API of the pool, to be mounted. */
export const KEY_POOL_API = Symbol("KeyPoolApi");

class KeyPoolModule {}

/** A module that offers the pool to others, starts it before the first request and stops it with the app. */
export function keyPoolModule(): DynamicModule {
  const ports = createInMemoryPorts();
  const pool = createKeyPool(ports);
  const api = createHttpApp({ pool, clock: ports.clock, log: pino({ level: "warn" }), version: "1.0.0" });
  const life = { onModuleInit: () => pool.start(), onModuleDestroy: () => pool.stop() };
  return {
    module: KeyPoolModule,
    providers: [
      { provide: KEY_POOL, useValue: pool },
      { provide: KEY_POOL_API, useValue: api.callback() },
      { provide: "life of the pool", useValue: life },
    ],
    exports: [KEY_POOL, KEY_POOL_API],
  };
}
