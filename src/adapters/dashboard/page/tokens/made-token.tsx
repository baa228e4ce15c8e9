import type { NewToken } from "../app/answers.ts";
import { Button } from "../parts/button.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { t } from "../text/text.ts";

interface MadeTokenProps {
  readonly made: NewToken;
  /** Whether this page uses it from now on. */
  readonly isAdopted: boolean;
  readonly onClose: () => void;
}

/** The one time a token is seen. */
export function MadeToken({ made, isAdopted, onClose }: MadeTokenProps) {
  const { tokens, app } = t.value;
  return (
    <Dialog title={tokens.madeTitle} onClose={onClose}>
      <div class="form">
        <p class="muted">{tokens.madeHelp}</p>
        {isAdopted && <p>{tokens.adopted}</p>}
        <code class="token">{made.token}</code>
        <div class="actions">
          <CopyButton text={made.token} />
          <Button kind="primary" onClick={onClose}>
            {app.close}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
