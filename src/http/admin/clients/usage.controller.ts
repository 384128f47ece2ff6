import { Get, Param, Req } from '@nestjs/common';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import type { Caller } from '../../../administration/access/permissions.js';
import { Permits } from '../../../administration/access/permits.js';
import { ClientUsage } from '../../../administration/clients/client-usage.js';
import { CLIENT_SEARCH } from '../../../clients/client.search.js';
import type { SearchDefinition } from '../../../database/search/search-definition.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound, unreadable } from '../../../protocol/problem.js';
import { MAX_DAYS } from '../../../sessions/token-counts.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { readQuery } from '../access/query-string.js';
import { Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { BundleSearch } from '../search/bundle-search.js';

const DEFAULT_DAYS = 30;
const DAYS_FAULT = `must be a number from 1 to ${MAX_DAYS}`;

const daysOf = (text: string): number | undefined => {
  const days = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  return days >= 1 && days <= MAX_DAYS ? days : undefined;
};

/** The search of clients, which shows their usage instead. */
const USAGE_SEARCH: SearchDefinition = {
  ...CLIENT_SEARCH,
  path: '/Client/$usage',
  parameters: new Map([
    ...CLIENT_SEARCH.parameters,
    ['days', { restrict: (text) => (daysOf(text) ? { sql: '1 = 1', values: [] } : { fault: DAYS_FAULT }) }],
  ]),
  elements: new Set(['resourceType', 'id', 'name', 'tokens', 'tokens_per_day', 'last_uses']),
};

/** The same, which shows what clients are granted and did not use. */
const UNUSED_SCOPES_SEARCH: SearchDefinition = {
  ...USAGE_SEARCH,
  path: '/Client/$unused-scopes',
  elements: new Set([
    ...['resourceType', 'id', 'name', 'days', 'watched_since', 'granted_total', 'truncated', 'unused'],
    ...['unused_total', 'conclusive_from'],
  ]),
};

/** `/Client/$usage`, `/Client/:id/$usage` and `/Client/$unused-scopes`. */
@AdminController('Client')
export class UsageController {
  constructor(
    private readonly usage: ClientUsage,
    private readonly bundles: BundleSearch,
    private readonly permits: Permits,
  ) {}

  @Get('$usage')
  @Takes({ query: 'search' })
  @RequiresPermission('read')
  async list(@AuthenticatedCaller() caller: Caller, @Req() request: AdminRequest): Promise<Answer> {
    const days = requestedDays(request.url) ?? DEFAULT_DAYS;
    const read = (ids: readonly string[]) => this.usage.ofMany(ids, days);
    return ok(await this.bundles.run(USAGE_SEARCH, caller, request, read));
  }

  /** Tells what policies say. */
  @Get('$unused-scopes')
  @Takes({ query: 'search' })
  @RequiresPermission('read')
  async unused(@AuthenticatedCaller() caller: Caller, @Req() request: AdminRequest): Promise<Answer> {
    await this.permits.require(caller, 'AccessPolicy', ALL, 'read');
    const days = requestedDays(request.url) ?? DEFAULT_DAYS;
    const read = (ids: readonly string[]) => this.usage.unusedScopes(ids, days);
    return ok(await this.bundles.run(UNUSED_SCOPES_SEARCH, caller, request, read));
  }

  @Get(':id/$usage')
  @Takes({ query: ['days'] })
  @RequiresPermission('read')
  async show(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: AdminRequest,
  ): Promise<Answer> {
    const days = requestedDays(request.url);
    if (days === undefined) {
      throw unreadable('the query contains unsupported or invalid parameters', [
        { path: 'days', message: DAYS_FAULT },
      ]);
    }
    const withScopes = await this.permits.has(caller, 'AccessPolicy', ALL, 'read');
    const usage = isId(id) ? await this.usage.of(id, days, withScopes) : undefined;
    if (!usage) throw notFound('Client', id);
    return ok(usage);
  }
}

/** undefined: not a number of days. */
function requestedDays(url: string): number | undefined {
  const given = readQuery(url).filter(([name]) => name === 'days');
  if (given.length === 0) return DEFAULT_DAYS;
  return given.length === 1 ? daysOf(given[0]?.[1] ?? '') : undefined;
}
