/** What a handler of the administration API returns: a response with or without a document. */
export interface Answer {
  status: number;
  document?: object;
  headers?: Readonly<Record<string, string>>;
}

/** Every response concerns credentials or what they protect, so none is cached. */
export const NO_STORE_HEADERS = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
} as const;

export const NO_CONTENT: Answer = { status: 204 };

export const ok = (document: object, headers: Record<string, string> = {}): Answer => ({
  status: 200,
  document,
  headers,
});
