/** Prefixes of generated values, by which people and secret scanners recognise a leaked one. */
export const HANDLE_PREFIXES = {
  accessToken: 'lka_',
  refreshToken: 'lkr_',
  clientSecret: 'lks_',
  handOver: 'lkh_',
} as const;
