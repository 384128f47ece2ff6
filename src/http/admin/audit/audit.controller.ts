import { Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import { AuditEventsRepository } from '../../../audit/audit-events.repository.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import type { Caller } from '../../../tokens/permissions.js';
import { AdminController } from '../access/admin-controller.js';
import { Permits } from '../access/permits.js';
import { Takes } from '../access/takes.js';
import { ok, sendAnswer } from '../answer/answer.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { etagOf } from '../configuration/meta.js';
import { BundleSearch } from '../search/bundle-search.js';
import { AUDIT_SEARCH } from './audit.search.js';
import { auditView } from './audit.view.js';

/** `/AuditEvent`: read-only, since only the server writes audit events. */
@AdminController('AuditEvent')
export class AuditController {
  constructor(
    private readonly events: AuditEventsRepository,
    private readonly bundles: BundleSearch,
    private readonly permits: Permits,
  ) {}

  @Get()
  @Takes({ query: 'search' })
  async list(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.permits.require(caller, 'AuditEvent', ALL, 'read');
    const read = async (ids: readonly string[]) => (await this.events.findMany(ids)).map(auditView);
    sendAnswer(reply, ok(await this.bundles.run(AUDIT_SEARCH, caller, request, read)));
  }

  @Get(':id')
  async show(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.permits.require(caller, 'AuditEvent', id, 'read');
    const [event] = isId(id) ? await this.events.findMany([id]) : [];
    if (!event) throw notFound('AuditEvent');
    sendAnswer(reply, ok(auditView(event), { etag: etagOf(1) }));
  }
}
