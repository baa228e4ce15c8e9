import type { Service } from "../../../../domain/index.ts";
import { linkTo } from "../app/route.ts";
import { t } from "../text/text.ts";

interface KeyLinkProps {
  readonly service: Service;
  readonly id: number;
  readonly name: string | null;
}

export function KeyLink({ service, id, name }: KeyLinkProps) {
  return <a href={linkTo(`keys/${service}/${id}`)}>{name || t.value.keys.unnamed(id)}</a>;
}

export function nameOf({ id, keyname }: { readonly id: number; readonly keyname: string }): string {
  return keyname || t.value.keys.unnamed(id);
}
