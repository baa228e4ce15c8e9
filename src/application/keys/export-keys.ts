import type { Asker, Scope, Service } from "../../domain/index.ts";
import type { AuditTrail } from "../audit/audit-trail.ts";
import type { AllKeys, ListKeys } from "./list-keys.ts";

interface Parts {
  readonly listKeys: ListKeys;
  readonly trail: AuditTrail;
}

/** All keys of a service with their secrets, once it has been written down who asked. */
export class ExportKeys {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Those in `scope`. Throws `storage_unavailable` when it could not be written down. */
  execute(service: Service, scope: Scope | undefined, asker: Asker): Promise<AllKeys> {
    const { listKeys, trail } = this.#parts;
    const deed = { act: "export_keys", subject: `${service} keys`, after: { ...scope } } as const;
    return trail.around(asker, deed, async () => listKeys.all({ service }, scope));
  }
}
