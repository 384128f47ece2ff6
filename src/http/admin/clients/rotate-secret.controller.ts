import { HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import type { Caller } from '../../../tokens/permissions.js';
import { AdminController } from '../access/admin-controller.js';
import { Permits } from '../access/permits.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { ok, sendAnswer } from '../answer/answer.js';
import { readOptionalBody } from '../body/body-reader.js';
import { MembersReading } from '../body/members.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { etagOf } from '../configuration/meta.js';
import { clientView } from './client.wire.js';
import { RotateSecretMembers } from './rotate-secret.dto.js';
import { SecretRotation } from './secret-rotation.js';

/** `/Client/:id/$rotate-secret`. */
@AdminController('Client')
export class RotateSecretController {
  constructor(
    private readonly rotation: SecretRotation,
    private readonly permits: Permits,
  ) {}

  @Post(':id/$rotate-secret')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @HttpCode(200)
  async rotate(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.permits.require(caller, 'Client', id, 'rotate');
    if (!isId(id)) throw notFound('Client');
    const members = new MembersReading(RotateSecretMembers, readOptionalBody(request)).take();
    const { client, secret } = await this.rotation.rotate(caller, id, {
      overlapSeconds: members.overlap ?? 0,
      closeSessions: members.close_sessions ?? false,
      headers: request.headers,
    });
    sendAnswer(reply, ok({ ...clientView(client), secret }, { etag: etagOf(client.version) }));
  }
}
