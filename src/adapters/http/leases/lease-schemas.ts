import { z } from "zod";
import type { LeaseRequest } from "../../../application/index.ts";
import {
  DEFAULT_LEASE_SECONDS,
  DEFAULT_REGION,
  LONGEST_LEASE_SECONDS,
  LONGEST_LEASE_WAIT_MS,
  SERVICES,
} from "../../../domain/index.ts";
import { handedOutKey } from "../keys/key-schemas.ts";
import { schemaOf, time } from "../server/answer-schemas.ts";
import { region, retryAfter, statusCode, tag, textual } from "../server/fields.ts";
import type { GivenLease, RunningLease } from "./lease-answers.ts";

const whole = (min: number, max: number, description: string) =>
  z
    .int({ error: `must be an integer from ${min} to ${max}` })
    .min(min, { error: `must be an integer from ${min} to ${max}` })
    .max(max, { error: `must be an integer from ${min} to ${max}` })
    .meta({ description });

const ttl = whole(1, LONGEST_LEASE_SECONDS, "For how long, in seconds; 60 unless it is given").optional();
const wait = whole(0, LONGEST_LEASE_WAIT_MS, "How long to wait for a key, in milliseconds").optional();

export const leaseBody = z
  .object({
    service: z.enum(SERVICES, { error: `must be one of ${SERVICES.join(", ")}` }).default("speech"),
    region: region.optional(),
    tag: tag.nullish(),
    ttl_seconds: ttl,
    wait_ms: wait,
  })
  .transform(
    ({ service, region = DEFAULT_REGION[service], tag, ttl_seconds, wait_ms }): LeaseRequest => ({
      pool: tag ? { service, region, tag } : { service, region },
      ttlSeconds: ttl_seconds ?? DEFAULT_LEASE_SECONDS,
      waitMs: wait_ms,
    }),
  );

/** A request without a body is one without fields. */
export const renewalBody = z.object({ ttl_seconds: ttl }).default({});

export const releaseBody = z
  .object({
    code: statusCode.optional(),
    note: textual.meta({ description: "A remark for the log, cut to 500 characters" }).nullish(),
    retry_after: retryAfter.optional(),
  })
  .default({})
  .transform(({ code, note, retry_after }) => ({
    ...(code !== undefined && { code }),
    note: note == null ? null : String(note),
    retryAfter: retry_after,
  }));

const lease = {
  lease_id: z.string().meta({
    description: "Names the lease; whoever knows it may renew and release it",
    examples: ["17.Vf0J3mX2pQd8sT5wZc1a7g"],
  }),
  expires_at: time,
};

export const runningLease = schemaOf<RunningLease>()(
  z.strictObject(lease).meta({ id: "Lease", description: "Until when the key counts as in use" }),
);

export const givenLease = schemaOf<GivenLease>()(
  z
    .strictObject({ ...lease, key: handedOutKey })
    .meta({ id: "GivenLease", description: "A key to use until then" }),
);
