export interface Page {
  readonly page: number;
  readonly limit: number;
}

/** What a paged answer says besides its rows. */
export interface PageInfo extends Page {
  readonly total: number;
  readonly totalPages: number;
}

export function pageOf(page = 1, limit = 50): Page {
  return { page, limit };
}

/** The rows a page asks for. */
export function windowOf({ page, limit }: Page): { readonly offset: number; readonly limit: number } {
  return { offset: (page - 1) * limit, limit };
}

export function presentPage(total: number, { page, limit }: Page): PageInfo {
  return { total, page, limit, totalPages: Math.ceil(total / limit) };
}
