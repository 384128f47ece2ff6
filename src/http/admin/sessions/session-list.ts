import { Injectable } from '@nestjs/common';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import type { Caller } from '../../../administration/access/permissions.js';
import { lacking, Permits } from '../../../administration/access/permits.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { SessionAdministration } from '../../../administration/sessions/session-administration.js';
import { Admissions } from '../../../clients/federation/admissions.js';
import { referredId } from '../../../database/search/parameter-kinds.js';
import { SessionSearch } from '../../../sessions/session-search.js';
import { SessionsService } from '../../../sessions/sessions.service.js';
import { type QueryParameter, readQuery } from '../access/query-string.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { BundleSearch } from '../search/bundle-search.js';
import { sessionView } from './session.view.js';

/** Lists sessions: without the permission to read all of them, a caller's own. */
@Injectable()
export class SessionList {
  constructor(
    private readonly sessions: SessionsService,
    private readonly administration: SessionAdministration,
    private readonly search: SessionSearch,
    private readonly permits: Permits,
    private readonly bundles: BundleSearch,
    private readonly admissions: Admissions,
  ) {}

  async read(caller: Caller, request: AdminRequest): Promise<JsonObject> {
    const own = { sql: 's.client_id = ?', values: [caller.clientId] };
    const all = await this.permits.has(caller, 'Session', ALL, 'read');
    if (!all && readQuery(request.url).some((parameter) => isForAnother(parameter, caller))) {
      throw lacking('Session', ALL, 'read');
    }
    const read = async (ids: readonly string[]) => {
      const found = await this.sessions.findMany(ids);
      const judged = await Promise.all(found.map((session) => this.administration.judged(session)));
      return judged.map(sessionView);
    };
    const search = this.search.definition(all, await this.admissions.templates());
    return this.bundles.run(search, caller, request, read, all ? [] : [own]);
  }
}

const isForAnother = ([name, value]: QueryParameter, { clientId }: Caller): boolean =>
  name === 'client' && referredId('Client', value) !== clientId;
