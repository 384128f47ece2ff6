import { Param, Post } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import { ClientDocuments } from '../../../administration/clients/client-documents.js';
import { SecretRotation } from '../../../administration/clients/secrets/secret-rotation.js';
import type { Preconditions } from '../../../administration/configuration/preconditions.js';
import { etagOf } from '../../../administration/documents/meta.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { RequestPreconditions } from '../access/request-preconditions.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { OperationPipe, RequestBody } from '../body/request-body.js';
import { AuthenticatedCaller } from '../caller/admin-request.js';
import { RotateSecretMembers } from './rotate-secret.dto.js';

/** `/Client/:id/$rotate-secret`. */
@AdminController('Client')
export class RotateSecretController {
  constructor(
    private readonly rotation: SecretRotation,
    private readonly documents: ClientDocuments,
  ) {}

  @Post(':id/$rotate-secret')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('rotate')
  async rotate(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(new OperationPipe(RotateSecretMembers)) members: RotateSecretMembers,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    if (!isId(id)) throw notFound('Client', id);
    const { client, secret } = await this.rotation.rotate(caller, id, {
      overlapSeconds: members.overlap ?? 0,
      closeSessions: members.close_sessions ?? false,
      preconditions,
    });
    const document = await this.documents.of(caller, client);
    return ok({ ...document, secret }, { etag: etagOf(client.version) });
  }
}
