import { z } from "zod";
import { AUDIT_ACTS, ROLES } from "../../../domain/index.ts";
import { paging as pageInfo, schemaOf, time } from "../server/answer-schemas.ts";
import { instant, paging } from "../server/fields.ts";
import type { AuditedAct, AuditPageAnswer } from "./audit-answers.ts";

export const auditQuery = z.object({
  act: z.enum(AUDIT_ACTS).exactOptional(),
  actor: z.string().max(100).exactOptional().meta({ description: "The id of who acted" }),
  from: instant.exactOptional(),
  to: instant.exactOptional(),
  ...paging,
});

const values = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({ description: "Fields by name, without secrets" });

const act = schemaOf<AuditedAct>()(
  z
    .strictObject({
      sequence: z.int().min(1).meta({ description: "Counts on by one; none is missing" }),
      at: time,
      actor: z.strictObject({
        id: z.string().meta({ description: "A token's id, or open door, env, command line, system" }),
        name: z.string(),
        role: z.enum(ROLES).nullable(),
      }),
      address: z.string().nullable(),
      request_id: z.string().nullable(),
      act: z.enum(AUDIT_ACTS),
      subject: z.string(),
      before: values,
      after: values,
      failure: z.string().nullable().meta({ description: "Why the act, announced before, was not done" }),
    })
    .meta({ id: "AuditedAct", description: "What somebody was about to do" }),
);

export const auditPage = schemaOf<AuditPageAnswer>()(z.strictObject({ acts: z.array(act), ...pageInfo }));
