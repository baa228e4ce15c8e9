import { useState } from "preact/hooks";
import type { ListedToken } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { isDoorOpen, session } from "../app/session.ts";
import { useData } from "../app/use-data.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Failure } from "../parts/failure.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { attempt } from "../parts/toasts.tsx";
import { t } from "../text/text.ts";
import { TokenForm } from "./token-form.tsx";
import { TokenTable } from "./token-table.tsx";

export function TokensPage() {
  const { tokens } = t.value;
  const { data, failure, reload } = useData("tokens", ["token"], (signal) =>
    ask<readonly ListedToken[]>("GET", "/tokens", { signal }),
  );
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ListedToken>();
  return (
    <>
      <PageHead title={tokens.title} lead={tokens.lead}>
        <Button kind="primary" needs="admin" onClick={() => setCreating(true)}>
          {tokens.create}
        </Button>
      </PageHead>
      <div class="stack">
        {isDoorOpen.value && <div class="notice">{tokens.open}</div>}
        {failure && <Failure failure={failure} onRetry={reload} />}
        {data && (
          <section class="card flush" aria-label={tokens.title}>
            {data.length === 0 ? (
              <p class="muted">{tokens.none}</p>
            ) : (
              <TokenTable tokens={data} onRevoke={setRevoking} />
            )}
          </section>
        )}
      </div>
      {isCreating && <TokenForm onClose={() => setCreating(false)} onCreated={reload} />}
      {revoking && (
        <Confirm
          title={tokens.revokeTitle(revoking.name)}
          confirm={tokens.revoke}
          onConfirm={() => void attempt(() => revoke(revoking, reload))}
          onClose={() => setRevoking(undefined)}
        >
          <p class="muted">{tokens.revokeHelp}</p>
          {isOwn(revoking) && <p>{tokens.revokeSelf}</p>}
        </Confirm>
      )}
    </>
  );
}

async function revoke({ id, name }: ListedToken, reload: () => void): Promise<string> {
  await ask("DELETE", `/tokens/${id}`);
  reload();
  return t.value.tokens.revoked(name);
}

function isOwn({ id }: ListedToken): boolean {
  return session.value.state === "open" && session.value.self.id === id;
}
