import { Param, Post } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import { ClientDocuments } from '../../../administration/clients/client-documents.js';
import { SecretAddition } from '../../../administration/clients/secrets/secret-addition.js';
import { SecretEnding } from '../../../administration/clients/secrets/secret-ending.js';
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
import { AddSecretMembers, EndSecretMembers } from './secrets.dto.js';

/** `/Client/:id/$add-secret` and `/Client/:id/$end-secret`. */
@AdminController('Client')
export class SecretsController {
  constructor(
    private readonly addition: SecretAddition,
    private readonly ending: SecretEnding,
    private readonly documents: ClientDocuments,
  ) {}

  @Post(':id/$add-secret')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('rotate')
  async add(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(new OperationPipe(AddSecretMembers)) members: AddSecretMembers,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    if (!isId(id)) throw notFound('Client', id);
    const secret = {
      secret: members.secret,
      description: members.description,
      expiresAt: members.end === undefined ? null : Date.parse(members.end),
    };
    const { client, secretId, madeSecret } = await this.addition.add(caller, id, secret, preconditions);
    const shown = madeSecret === undefined ? {} : { secret: madeSecret };
    const document = await this.documents.of(caller, client);
    return ok({ ...document, secret_id: secretId, ...shown }, { etag: etagOf(client.version) });
  }

  @Post(':id/$end-secret')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('rotate')
  async end(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(new OperationPipe(EndSecretMembers)) members: EndSecretMembers,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    if (!isId(id)) throw notFound('Client', id);
    const client = await this.ending.end(caller, id, members.id, preconditions);
    return ok(await this.documents.of(caller, client), { etag: etagOf(client.version) });
  }
}
