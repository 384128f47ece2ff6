import { Param, Post } from '@nestjs/common';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import type { Caller } from '../../../tokens/permissions.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { OperationPipe, RequestBody } from '../body/request-body.js';
import { AuthenticatedCaller } from '../caller/admin-request.js';
import { etagOf } from '../configuration/meta.js';
import { type Preconditions, RequestPreconditions } from '../configuration/preconditions.js';
import { clientView } from './client.wire.js';
import { RotateSecretMembers } from './rotate-secret.dto.js';
import { SecretRotation } from './secret-rotation.js';

/** `/Client/:id/$rotate-secret`. */
@AdminController('Client')
export class RotateSecretController {
  constructor(private readonly rotation: SecretRotation) {}

  @Post(':id/$rotate-secret')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('rotate')
  async rotate(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(new OperationPipe(RotateSecretMembers)) members: RotateSecretMembers,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    if (!isId(id)) throw notFound('Client');
    const { client, secret } = await this.rotation.rotate(caller, id, {
      overlapSeconds: members.overlap ?? 0,
      closeSessions: members.close_sessions ?? false,
      preconditions,
    });
    return ok({ ...clientView(client), secret }, { etag: etagOf(client.version) });
  }
}
