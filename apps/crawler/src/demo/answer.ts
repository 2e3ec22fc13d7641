/** What the site answers to one request. */
export interface SiteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Added to the usual time, in milliseconds. */
  readonly delay?: number;
}

/** An answer with an HTML page. */
export function html(text: string, extra: Partial<SiteAnswer> & { readonly type?: string } = {}): SiteAnswer {
  const headers = { 'content-type': extra.type ?? 'text/html; charset=utf-8', ...extra.headers };
  return { status: 200, body: Buffer.from(text), ...extra, headers };
}
