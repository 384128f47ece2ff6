import { Get, Param, Req } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import { etagOf } from '../../../administration/documents/meta.js';
import { AUDIT_SEARCH } from '../../../audit/audit-event.search.js';
import { AuditEventsRepository } from '../../../audit/audit-events.repository.js';
import { auditView } from '../../../events/audit-view.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { BundleSearch } from '../search/bundle-search.js';

/** `/AuditEvent`: read-only, since only the server writes audit events. */
@AdminController('AuditEvent')
export class AuditController {
  constructor(
    private readonly events: AuditEventsRepository,
    private readonly bundles: BundleSearch,
  ) {}

  @Get()
  @Takes({ query: 'search' })
  @RequiresPermission('read')
  async list(@AuthenticatedCaller() caller: Caller, @Req() request: AdminRequest): Promise<Answer> {
    const read = async (ids: readonly string[]) => (await this.events.findMany(ids)).map(auditView);
    return ok(await this.bundles.run(AUDIT_SEARCH, caller, request, read));
  }

  @Get(':id')
  @RequiresPermission('read')
  async show(@Param('id') id: string): Promise<Answer> {
    const [event] = isId(id) ? await this.events.findMany([id]) : [];
    if (!event) throw notFound('AuditEvent', id);
    return ok(auditView(event), { etag: etagOf(1) });
  }
}
