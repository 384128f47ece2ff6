let made = 0;

/** Settings under which the tests themselves are a trusted proxy, so that they may come from any address. */
export const FROM_ANYWHERE = { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' };

/** An address of its own for a test (RFC 5737), so that tests of one file never meet. */
export const anAddress = (): string => `198.51.100.${++made}`;

export const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
