import type { Service } from "../../../../domain/index.ts";
import { linkTo } from "../app/route.ts";
import { t } from "../text/text.ts";

/** What an act was about: a row of the audit says it in words, of which those about keys are known here. */
export function Subject({ text }: { readonly text: string }) {
  const { audit, services } = t.value;
  const [, isNew, service, id, areAll] =
    /^(a new )?(speech|translation) key(?: (\d+)|(s))?$/.exec(text) ?? [];
  if (service === undefined) return text;
  const name = services[service as Service];
  if (id !== undefined) return <a href={linkTo(`keys/${service}/${id}`)}>{audit.keyOf(name, id)}</a>;
  if (isNew === undefined && areAll === undefined) return text;
  return isNew === undefined ? audit.keysOf(name) : audit.newKeyOf(name);
}
