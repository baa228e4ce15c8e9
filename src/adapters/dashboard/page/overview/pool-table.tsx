import type { PoolState } from "../app/answers.ts";
import { linkTo } from "../app/route.ts";
import { Countdown } from "../parts/countdown.tsx";
import { locale, t } from "../text/text.ts";
import { ShareBar } from "./share-bar.tsx";

export function PoolTable({ pools }: { readonly pools: readonly PoolState[] }) {
  const { overview } = t.value;
  return (
    <section class="card flush" aria-label={overview.pools}>
      <h2>{overview.pools}</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{overview.pool}</th>
            <td class="share" />
            <th scope="col" class="amount">
              {overview.usable}
            </th>
            <th scope="col" class="amount">
              {overview.resting}
            </th>
            <th scope="col" class="amount">
              {overview.disabled}
            </th>
            <th scope="col">{overview.next}</th>
          </tr>
        </thead>
        <tbody>
          {pools.map((pool) => (
            <PoolRow key={`${pool.service} ${pool.region}`} {...pool} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function PoolRow({ service, region, enabled, cooldown, disabled, next_available_at }: PoolState) {
  const { overview, services, app } = t.value;
  const amount = (n: number) => n.toLocaleString(locale.value);
  return (
    <tr>
      <td>
        <span class="name-cell">
          <a href={linkTo("keys", { service, region })}>{region}</a>
          <span class="muted">{services[service]}</span>
        </span>
      </td>
      <td class="share">
        <ShareBar usable={enabled} resting={cooldown} disabled={disabled} />
      </td>
      <td class="amount" data-label={overview.usable}>
        {amount(enabled)}
      </td>
      <td class="amount" data-label={overview.resting}>
        {amount(cooldown)}
      </td>
      <td class="amount" data-label={overview.disabled}>
        {amount(disabled)}
      </td>
      <td class="fixed" data-label={overview.next}>
        {next_available_at ? <Countdown until={next_available_at} /> : <span class="muted">{app.none}</span>}
      </td>
    </tr>
  );
}
