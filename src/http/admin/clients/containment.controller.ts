import { Get, Param, Post } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import { ClientDocuments } from '../../../administration/clients/client-documents.js';
import { BlastRadiusService } from '../../../administration/containment/blast-radius.js';
import { Containment } from '../../../administration/containment/containment.js';
import { etagOf } from '../../../administration/documents/meta.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { OperationPipe, RequestBody } from '../body/request-body.js';
import { AuthenticatedCaller } from '../caller/admin-request.js';
import { ContainMembers } from './containment.dto.js';
import { blastRadiusView, containedView } from './containment.view.js';

/** `/Client/:id/$blast-radius` and `/Client/:id/$contain`. */
@AdminController('Client')
export class ContainmentController {
  constructor(
    private readonly radius: BlastRadiusService,
    private readonly containment: Containment,
    private readonly documents: ClientDocuments,
  ) {}

  @Get(':id/$blast-radius')
  @RequiresPermission('read')
  async show(@AuthenticatedCaller() caller: Caller, @Param('id') id: string): Promise<Answer> {
    if (!isId(id)) throw notFound('Client', id);
    return ok(blastRadiusView(await this.radius.of(caller, id)));
  }

  @Post(':id/$contain')
  @Takes({ maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('update')
  async contain(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(new OperationPipe(ContainMembers)) { reason }: ContainMembers,
  ): Promise<Answer> {
    if (!isId(id)) throw notFound('Client', id);
    const contained = await this.containment.contain(caller, id, reason);
    const document = await this.documents.of(caller, contained.client);
    return ok({ ...document, ...containedView(contained) }, { etag: etagOf(contained.client.version) });
  }
}
