/** What a value made by this server is for; the prefix lets people and scanners recognise a leaked one. */
export const HANDLE_PREFIXES = { accessToken: 'lka_', refreshToken: 'lkr_', clientSecret: 'lks_' } as const;
