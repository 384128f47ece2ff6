import { Post } from '@nestjs/common';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import type { Caller } from '../../../administration/access/permissions.js';
import { Permits } from '../../../administration/access/permits.js';
import { AssertionTrial } from '../../../administration/issuers/assertion-trial.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { OperationPipe, RequestBody } from '../body/request-body.js';
import { AuthenticatedCaller } from '../caller/admin-request.js';
import { TryMembers, trialView } from './try.dto.js';

/** `/TrustedIssuer/$try`: the result of an assertion, without using it up. */
@AdminController('TrustedIssuer')
export class TryController {
  constructor(
    private readonly trial: AssertionTrial,
    private readonly permits: Permits,
  ) {}

  /** Shows rules of clients, so it needs the permission to read them as well. */
  @Post('$try')
  @Takes({ maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('read')
  async try(
    @AuthenticatedCaller() caller: Caller,
    @RequestBody(new OperationPipe(TryMembers)) { assertion, client_id: clientId }: TryMembers,
  ): Promise<Answer> {
    await this.permits.require(caller, 'Client', clientId ?? ALL, 'read');
    return ok(trialView(await this.trial.run(assertion, clientId), clientId));
  }
}
