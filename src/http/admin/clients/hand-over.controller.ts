import { Param, Post } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import { ClientDocuments } from '../../../administration/clients/client-documents.js';
import type { Preconditions } from '../../../administration/configuration/preconditions.js';
import { etagOf, isoTime } from '../../../administration/documents/meta.js';
import { HandOverMaking } from '../../../administration/hand-over/hand-over-making.js';
import { Settings } from '../../../config/settings.js';
import { HAND_OVER_PATH } from '../../../protocol/hand-over-path.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { RequestPreconditions } from '../access/request-preconditions.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { OperationPipe, RequestBody } from '../body/request-body.js';
import { AuthenticatedCaller } from '../caller/admin-request.js';
import { HandOverMembers } from './hand-over.dto.js';

const DEFAULT_LIFETIME_SECONDS = 24 * 3600;

/** `/Client/:id/$hand-over`. */
@AdminController('Client')
export class HandOverController {
  constructor(
    private readonly making: HandOverMaking,
    private readonly documents: ClientDocuments,
    private readonly settings: Settings,
  ) {}

  /** The handle is in the fragment of the link, which browsers send to no server: it is in no log and no referrer. */
  @Post(':id/$hand-over')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('rotate')
  async make(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(new OperationPipe(HandOverMembers)) members: HandOverMembers,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    if (!isId(id)) throw notFound('Client', id);
    const given = {
      description: members.description,
      secretExpiresAt: members.end === undefined ? null : Date.parse(members.end),
      lifetimeSeconds: members.expires_in ?? DEFAULT_LIFETIME_SECONDS,
    };
    const { client, secretId, handle, expiresAt } = await this.making.make(caller, id, given, preconditions);
    const url = this.settings.publicUrl + HAND_OVER_PATH;
    const document = await this.documents.of(caller, client);
    return ok(
      {
        ...document,
        secret_id: secretId,
        link: `${url}#${handle}`,
        curl: `curl -X POST ${url} -d token=${handle}`,
        link_expires: isoTime(expiresAt),
      },
      { etag: etagOf(client.version) },
    );
  }
}
