/** Values of token_endpoint_auth_method that this server supports (RFC 7591 2, RFC 8414 2). */
export const CLIENT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

export type ClientAuthMethod = (typeof CLIENT_AUTH_METHODS)[number];
