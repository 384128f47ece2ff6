import { Controller, HttpCode, Post, Req, UseFilters, UseInterceptors } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import { readBundle } from '../../../administration/bundles/bundle.dto.js';
import type { EntryOutcome } from '../../../administration/bundles/bundle-steps.js';
import { BundleTypes } from '../../../administration/bundles/bundle-types.js';
import { ConfigurationBundles } from '../../../administration/bundles/configuration-bundles.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { etagOf } from '../../../administration/documents/meta.js';
import { DRY_RUN, MAX_BUNDLE_BODY_BYTES, Takes } from '../access/takes.js';
import { AnswerInterceptor } from '../answer/answer.interceptor.js';
import { type Answer, ok } from '../answer/answer.js';
import { ProblemFilter } from '../answer/problem.filter.js';
import { RequestBody, type UnreadBody, UnreadBodyPipe } from '../body/request-body.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { isDryRun } from '../configuration/configuration-answers.js';

/** `POST /`: many documents in one write, as a transaction Bundle of FHIR and Aidbox. */
@Controller()
@UseInterceptors(AnswerInterceptor)
@UseFilters(ProblemFilter)
export class BundleController {
  constructor(
    private readonly bundles: ConfigurationBundles,
    private readonly types: BundleTypes,
  ) {}

  @Post()
  @HttpCode(200)
  @Takes({ query: [DRY_RUN], maxBodyBytes: MAX_BUNDLE_BODY_BYTES })
  async apply(
    @AuthenticatedCaller() caller: Caller,
    @RequestBody(UnreadBodyPipe) body: UnreadBody,
    @Req() request: AdminRequest,
  ): Promise<Answer> {
    await this.bundles.requireAny(caller);
    const isRehearsal = isDryRun(request.url);
    const entries = readBundle(body.read(), this.types.names);
    const outcomes = await this.bundles.apply(caller, entries, isRehearsal);
    return ok({
      resourceType: 'Bundle',
      type: 'transaction-response',
      ...(isRehearsal ? { dry_run: true } : {}),
      entry: outcomes.map(entryView),
    });
  }
}

const STATUS = { created: '201', changed: '200', unchanged: '200', deleted: '204' } as const;

function entryView({ type, id, kind, stored, document, removal }: EntryOutcome): JsonObject {
  const { deleted, changed } = removal;
  return {
    ...(document === undefined ? {} : { resource: document }),
    response: {
      status: stored || kind === 'deleted' ? STATUS[kind] : '204',
      outcome: kind,
      location: `/${type}/${id}`,
      ...(stored === undefined ? {} : { etag: etagOf(stored.version) }),
      ...(deleted.length > 0 ? { deleted } : {}),
      ...(changed.length > 0 ? { changed } : {}),
    },
  };
}
