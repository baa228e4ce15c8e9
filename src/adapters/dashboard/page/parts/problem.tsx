/** Why a form could not be sent. */
export function Problem({ text }: { readonly text: string }) {
  if (text === "") return null;
  return (
    <div class="notice bad" role="alert">
      {text}
    </div>
  );
}
