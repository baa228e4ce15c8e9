/** Names of which there may be any number, such as regions: the first so many are told apart, and no others. */
export class BoundedNames {
  readonly #most: number;
  readonly #names = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The name, or null for one too many. */
  of(name: string): string | null {
    if (this.#names.has(name)) return name;
    if (this.#names.size >= this.#most) return null;
    this.#names.add(name);
    return name;
  }
}
