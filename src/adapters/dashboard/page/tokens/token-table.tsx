import type { ListedToken } from "../app/answers.ts";
import { now } from "../app/clock.ts";
import { Button } from "../parts/button.tsx";
import { Instant } from "../parts/instant.tsx";
import { t } from "../text/text.ts";

interface TokenTableProps {
  readonly tokens: readonly ListedToken[];
  readonly onRevoke: (token: ListedToken) => void;
}

export function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  const { tokens: text } = t.value;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{text.name}</th>
          <th scope="col">{text.role}</th>
          <th scope="col">{text.scope}</th>
          <th scope="col">{text.expires}</th>
          <th scope="col">{text.lastUsed}</th>
          <th scope="col">{text.actions}</th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} onRevoke={() => onRevoke(token)} />
        ))}
      </tbody>
    </table>
  );
}

function TokenRow({ token, onRevoke }: { readonly token: ListedToken; readonly onRevoke: () => void }) {
  const { tokens: text, time } = t.value;
  const { id, name, role, scope, expires_at, last_used } = token;
  const isExpired = Date.parse(expires_at) <= now.value;
  return (
    <tr>
      <td>
        <span class="name-cell">
          <strong>{name}</strong>
          <span class="muted">{id}</span>
        </span>
      </td>
      <td data-label={text.role}>{role}</td>
      <td data-label={text.scope}>{wordsFor(scope) || text.everything}</td>
      <td data-label={text.expires}>
        {isExpired ? <span class="badge disabled">{text.expired}</span> : <Instant at={expires_at} />}
      </td>
      <td data-label={text.lastUsed}>
        {last_used ? <Instant at={last_used} as="ago" /> : <span class="muted">{time.never}</span>}
      </td>
      <td>
        <Button kind="quiet" needs="admin" label={`${text.revoke} ${name}`} onClick={onRevoke}>
          {text.revoke}
        </Button>
      </td>
    </tr>
  );
}

/** Empty for all keys. */
function wordsFor({ services, regions, tags }: ListedToken["scope"]): string {
  const named = services?.map((service) => t.value.services[service]);
  return [named, regions, tags].flatMap((names) => (names ? [names.join(", ")] : [])).join(" · ");
}
