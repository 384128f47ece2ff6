/** Where a JWK Set is published, and how to fetch it. */
export interface KeySource {
  /** Identifies its cache entry: equal only for sources that are fetched in the same way. */
  id: string;
  /** The URL of the set; with `issuer`, that of the metadata that names it. */
  uri: string;
  /** The issuer that the metadata must have (OpenID Connect Discovery 4.3). */
  issuer?: string;
  /** The only authorities for the certificates of https servers, in PEM; absent: those of the system. */
  ca?: string;
  /** A `use` that its signature keys may have besides `sig`. */
  use?: string;
}

export const sourceAt = (uri: string): KeySource => ({ id: uri, uri });
