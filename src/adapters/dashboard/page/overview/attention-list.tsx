import type { ComponentChildren } from "preact";
import { SERVICES } from "../../../../domain/index.ts";
import type { Health, ListedKey, PoolState } from "../app/answers.ts";
import { linkTo } from "../app/route.ts";
import { Countdown } from "../parts/countdown.tsx";
import { Instant } from "../parts/instant.tsx";
import { nameOf } from "../parts/key-link.tsx";
import { t } from "../text/text.ts";

interface AttentionListProps {
  readonly pools: readonly PoolState[];
  readonly health: Health;
  readonly disabled: readonly ListedKey[];
}

/** What does not come right by itself. */
export function AttentionList({ pools, health, disabled }: AttentionListProps) {
  const { overview, services } = t.value;
  const empty = pools.filter(({ enabled }) => enabled === 0);
  const parts = Object.entries(health.parts ?? {}).filter(([, { status }]) => status !== "up");
  const byCode = disabled.filter(({ disabled_by }) => disabled_by === "code");
  const unnamed = SERVICES.map((service) => {
    const all = pools.reduce((sum, pool) => sum + (pool.service === service ? pool.disabled : 0), 0);
    return { service, count: all - byCode.filter((key) => key.service === service).length };
  });
  const isWell = empty.length === 0 && parts.length === 0 && byCode.length === 0;
  return (
    <section class="card" aria-label={overview.attention}>
      <h2>{overview.attention}</h2>
      {isWell && <p class="muted">{overview.allWell}</p>}
      <ul class="attention">
        {parts.map(([name, part]) => (
          <Item key={name} kind="bad" title={overview.part(name, part.status)}>
            {"reason" in part && part.reason}
          </Item>
        ))}
        {empty.map((pool) => (
          <EmptyPool key={`${pool.service} ${pool.region}`} {...pool} />
        ))}
        {byCode.map((key) => (
          <Item
            key={key.id}
            kind="bad"
            title={overview.retired(nameOf(key))}
            link={linkTo(`keys/${key.service}/${key.id}`)}
          >
            {key.region} · {key.disabled_code}
            {key.disabled_at && " · "}
            {key.disabled_at && <Instant at={key.disabled_at} as="ago" />}
          </Item>
        ))}
      </ul>
      {!isWell &&
        unnamed.map(
          ({ service, count }) =>
            count > 0 && (
              <p key={service}>
                <a href={linkTo("keys", { service, status: "disabled" })}>
                  {overview.more(count, services[service])}
                </a>
              </p>
            ),
        )}
    </section>
  );
}

function EmptyPool({ service, region, cooldown, next_available_at }: PoolState) {
  const { overview, services } = t.value;
  return (
    <Item
      kind={cooldown > 0 ? "rest" : "bad"}
      title={overview.exhausted(`${services[service]} · ${region}`)}
      link={linkTo("keys", { service, region })}
    >
      {next_available_at ? overview.exhaustedUntil : overview.exhaustedFor}{" "}
      {next_available_at && <Countdown until={next_available_at} />}
    </Item>
  );
}

interface ItemProps {
  readonly kind: "bad" | "rest";
  readonly title: string;
  readonly link?: string;
  readonly children: ComponentChildren;
}

function Item({ kind, title, link, children }: ItemProps) {
  return (
    <li class={kind}>
      {link ? <a href={link}>{title}</a> : <span>{title}</span>}
      <span class="muted">{children}</span>
    </li>
  );
}
