import type { ComponentChildren } from "preact";
import type { DetailedKey } from "../app/answers.ts";
import { Instant } from "../parts/instant.tsx";
import { Tag } from "../parts/tag.tsx";
import { locale, t } from "../text/text.ts";

export function KeyFacts({ listed }: { readonly listed: DetailedKey }) {
  const { story, keys, services, time, app } = t.value;
  const { id, service, region, tag, max_in_flight, in_use } = listed;
  const { usage_count, error_count, last_used, created_at } = listed;
  const amount = (n: number) => <span class="number">{n.toLocaleString(locale.value)}</span>;
  return (
    <section class="card" aria-label={story.facts}>
      <h2>{story.facts}</h2>
      <dl class="facts">
        <Fact name={story.id}>{id}</Fact>
        <Fact name={story.service}>{services[service]}</Fact>
        <Fact name={keys.region}>{region}</Fact>
        <Fact name={keys.tag}>{tag ? <Tag text={tag} /> : app.none}</Fact>
        <Fact name={keys.limit}>{max_in_flight === null ? keys.noLimit : amount(max_in_flight)}</Fact>
        {(max_in_flight !== null || in_use > 0) && <Fact name={story.inUse}>{amount(in_use)}</Fact>}
        <Fact name={story.uses}>{amount(usage_count)}</Fact>
        <Fact name={story.errors}>{amount(error_count)}</Fact>
        <Fact name={keys.lastUsed}>{last_used ? <Instant at={last_used} as="ago" /> : time.never}</Fact>
        <Fact name={story.created}>
          <Instant at={created_at} />
        </Fact>
      </dl>
    </section>
  );
}

interface FactProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

function Fact({ name, children }: FactProps) {
  return (
    <div>
      <dt class="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
