import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { DatabaseEngine } from '../database/engine/engine.js';
import type { SearchDefinition } from '../database/search/search-definition.js';
import type { SqlPart } from '../database/search/search-sql.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { sessionSearch } from './session.search.js';
import { OWNERS_VALID_AT } from './session-row.js';

/** The authing dialect puts the id of the client, which has no escaped characters, into `aud` where none was requested. */
const HAS_OWN_ID = `s.audience_asked = FALSE AND LENGTH(s.audience) = LENGTH(c.id) + 4 AND INSTR(s.audience, c.id) = 3`;

/** Searches of sessions in their current state. */
@Injectable()
export class SessionSearch {
  /** Whether introspection finds the token active, as far as a client without policies decides. */
  private readonly live: string;

  constructor(
    engine: DatabaseEngine,
    private readonly settings: Settings,
  ) {
    const isListed = `INSTR(c.client_credentials, '"audience":') = 0 OR (${HAS_OWN_ID})
      OR ${engine.schema.shareItem('s.audience', 'c.client_credentials', 'audience')}`;
    this.live = `CASE WHEN s.closed_at IS NULL AND s.ends_at > ? AND ${OWNERS_VALID_AT}
      AND s.issuer IN (?, ?) AND (${isListed}) THEN 1 ELSE 0 END`;
  }

  /** `templates`: the clients in whose name workloads have sessions. */
  definition(mayReadAll: boolean, templates: readonly string[]): SearchDefinition {
    return sessionSearch(this.liveNow(), mayReadAll, templates);
  }

  /** 1 for a row of SESSION_WITH_OWNERS whose token is valid, else 0. */
  liveNow(): SqlPart {
    const now = nowMilliseconds();
    const { rootIssuer, oidcIssuer } = this.settings;
    return { sql: this.live, values: [now, now, rootIssuer, oidcIssuer] };
  }
}
