import type { SearchParameter } from '../../database/search/search-parameter.js';
import type { SqlPart } from '../../database/search/search-sql.js';
import { nowMilliseconds } from '../../runtime/clock.js';

const METHODS = new Map<string, () => SqlPart>([
  [
    'secret',
    () => ({
      sql: `EXISTS (SELECT 1 FROM client_secret s
        WHERE s.client_id = t.id AND (s.expires_at IS NULL OR s.expires_at > ?))`,
      values: [nowMilliseconds()],
    }),
  ],
  ['key', () => ({ sql: 't.jwks IS NOT NULL OR t.jwks_uri IS NOT NULL', values: [] })],
  ['federated', () => ({ sql: `t.federated IS NOT NULL AND t.federated <> '[]'`, values: [] })],
]);

/** What a client can prove itself by; it may have several, or none. */
export const METHOD: SearchParameter = {
  restrict: (value) =>
    METHODS.get(value)?.() ?? { fault: `must be one of ${[...METHODS.keys()].join(', ')}` },
};
