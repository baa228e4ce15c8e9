import { useState } from "preact/hooks";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";

export function CopyButton({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <Button onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
      {isCopied ? t.value.app.copied : t.value.app.copy}
    </Button>
  );
}
