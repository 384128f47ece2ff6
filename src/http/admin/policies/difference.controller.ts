import { Post, Req } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import { BundleTypes } from '../../../administration/bundles/bundle-types.js';
import { PolicyDifferences } from '../../../administration/difference/policy-difference.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { nowMilliseconds } from '../../../runtime/clock.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { MAX_BUNDLE_BODY_BYTES, Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { DocumentPipe, RequestBody } from '../body/request-body.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { proposedEntries, replayStart } from './difference.dto.js';
import { differenceView } from './difference.view.js';

/** `/AccessPolicy/$difference`: what a write would change for clients, and for their token requests. */
@AdminController('AccessPolicy')
export class DifferenceController {
  constructor(
    private readonly differences: PolicyDifferences,
    private readonly types: BundleTypes,
  ) {}

  @Post('$difference')
  @Takes({ query: ['days', 'since'], maxBodyBytes: MAX_BUNDLE_BODY_BYTES })
  @RequiresPermission('read')
  async show(
    @AuthenticatedCaller() caller: Caller,
    @RequestBody(DocumentPipe) body: JsonObject,
    @Req() request: AdminRequest,
  ): Promise<Answer> {
    const start = replayStart(request.url, nowMilliseconds());
    const entries = proposedEntries(body, this.types.names);
    return ok(differenceView(await this.differences.of(caller, entries, start)));
  }
}
