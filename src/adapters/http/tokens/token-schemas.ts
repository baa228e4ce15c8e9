import { z } from "zod";
import { type NewTokenFields, ROLES, SERVICES } from "../../../domain/index.ts";
import { schemaOf, time } from "../server/answer-schemas.ts";
import { instant } from "../server/fields.ts";
import type { ListedToken, NewToken, RevokedToken, Self, TokenScope } from "./token-answers.ts";

const names = (items: z.ZodType<string>) => z.array(items).nullish();

export const newTokenBody = z
  .object({
    name: z.string().meta({ description: "For people", minLength: 1, maxLength: 100 }),
    role: z.enum(ROLES),
    expires_at: instant.nullish().meta({ description: "Default: 90 days from now" }),
    scope: z
      .object({
        services: names(z.enum(SERVICES)),
        regions: names(z.string()),
        tags: names(z.string()),
      })
      .nullish()
      .meta({ description: "Which keys it is about. Default: all" }),
  })
  .transform(
    ({ name, role, expires_at, scope }): NewTokenFields => ({ name, role, expiresAt: expires_at, scope }),
  );

const scope = schemaOf<TokenScope>()(
  z
    .strictObject({
      services: z.array(z.enum(SERVICES)).exactOptional(),
      regions: z.array(z.string()).exactOptional(),
      tags: z.array(z.string()).exactOptional(),
    })
    .meta({ id: "Scope", description: "Which keys a token is about; what is absent does not narrow it" }),
);

const listed = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  scope,
  created_at: time,
  expires_at: time,
  last_used: time.nullable().meta({ description: "To the hour" }),
});

export const listedToken = schemaOf<ListedToken>()(listed.meta({ id: "Token" }));

export const newToken = schemaOf<NewToken>()(
  listed
    .extend({ token: z.string().meta({ description: "What its holder sends; shown this once" }) })
    .meta({ id: "NewToken" }),
);

export const revokedToken = schemaOf<RevokedToken>()(z.strictObject({ id: z.string() }));

export const self = schemaOf<Self>()(
  z
    .strictObject({
      id: z.string().nullable().meta({ description: "Null where no token is needed" }),
      name: z.string(),
      role: z.enum(ROLES),
      scope,
      expires_at: time.nullable(),
    })
    .meta({ id: "Self", description: "Who asks" }),
);
