export interface Page {
  readonly page: number;
  readonly limit: number;
}

export function pageOf(page = 1, limit = 50): Page {
  return { page, limit };
}

/** The rows a page asks for. */
export function windowOf({ page, limit }: Page): { readonly offset: number; readonly limit: number } {
  return { offset: (page - 1) * limit, limit };
}

/** What a paged answer tells besides its rows. */
export function presentPage(total: number, { page, limit }: Page) {
  return { total, page, limit, totalPages: Math.ceil(total / limit) };
}
