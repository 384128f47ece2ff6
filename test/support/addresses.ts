let made = 0;

/** Settings that make the tests a trusted proxy, so that they can send requests from any address. */
export const FROM_ANYWHERE = { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' };

/** A unique address for a test (RFC 5737), so that the tests of a file are independent. */
export const anAddress = (): string => `198.51.100.${++made}`;

export const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
