/** Why a JWK Set could not be fetched; the message contains no address and no content. */
export class JwksUnavailable extends Error {}
