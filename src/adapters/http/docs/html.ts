export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Paragraphs that are divided by an empty line; what stands in backquotes is code. */
export function paragraphs(text: string): string {
  return text
    .split("\n\n")
    .map((one) => `<p>${escaped(one).replaceAll(/`([^`]+)`/g, "<code>$1</code>")}</p>`)
    .join("");
}

/** Where a heading is found. */
export function anchor(name: string): string {
  return `section-${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
}
