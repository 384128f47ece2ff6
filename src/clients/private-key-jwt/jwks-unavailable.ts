/** Why a JWK Set could not be had; its message names no address and no content. */
export class JwksUnavailable extends Error {}
