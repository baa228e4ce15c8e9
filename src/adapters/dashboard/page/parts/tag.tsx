/** Cut short where it is long; the whole of it on hover. */
export function Tag({ text }: { readonly text: string }) {
  return (
    <span class="tag" title={text}>
      {text}
    </span>
  );
}
