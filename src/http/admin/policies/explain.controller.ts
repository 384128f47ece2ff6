import { setImmediate as nextTurn } from 'node:timers/promises';
import { Post } from '@nestjs/common';
import { referencesTo, unknownClients } from '../../../administration/documents/client-reference.dto.js';
import { itemPath } from '../../../administration/documents/member-path.js';
import { MembersReading } from '../../../administration/documents/members.js';
import { isObject, type JsonObject } from '../../../administration/documents/merge-patch.js';
import { present } from '../../../administration/documents/meta.js';
import { disagreements } from '../../../administration/documents/written.dto.js';
import { PolicyMembers } from '../../../administration/policies/policy.dto.js';
import { policyOf } from '../../../administration/policies/policy.wire.js';
import { contradictions, unregistered } from '../../../administration/policies/policy-faults.js';
import type { Client } from '../../../clients/client.js';
import { ClientsRepository } from '../../../clients/clients.repository.js';
import { type ExplainedDraft, ExplainService } from '../../../policies/explain.service.js';
import type { Policy } from '../../../policies/policy.js';
import { isId } from '../../../protocol/identifier.js';
import { assertNoFaults } from '../../../protocol/problem.js';
import { parseScope } from '../../../protocol/scope.js';
import { ResourceCatalog } from '../../../resources/resource-catalog.js';
import { nowMilliseconds } from '../../../runtime/clock.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { type Answer, ok } from '../answer/answer.js';
import { DocumentPipe, RequestBody } from '../body/request-body.js';
import {
  audiencesOf,
  clientIdOf,
  ExplainMembers,
  faultsAt,
  MAX_DRAFTS,
  repeatedIds,
  tooManyRules,
  ungrantableFaults,
  unregisteredAudiences,
  WhoCanMembers,
} from './explain.dto.js';

/** `/AccessPolicy/$explain` and `/AccessPolicy/$who-can`: explain decisions to administrators. */
@AdminController('AccessPolicy')
export class ExplainController {
  constructor(
    private readonly explanations: ExplainService,
    private readonly clients: ClientsRepository,
    private readonly catalog: ResourceCatalog,
  ) {}

  @Post('$explain')
  @RequiresPermission('read')
  async explain(@RequestBody(DocumentPipe) body: JsonObject): Promise<Answer> {
    assertNoFaults(tooManyRules(body.policies));
    const reading = new MembersReading(ExplainMembers, body);
    const clientId = clientIdOf(body.client) ?? '';
    // An invalid id is not looked up: MySQL compares an id column with ASCII only.
    const client = isId(clientId) ? await this.clients.find(clientId) : null;
    if (!client) reading.add([{ path: 'client', message: 'this Client does not exist' }]);
    const listed = client?.clientCredentials.audience;
    reading.add(unregisteredAudiences(body.audience, await this.catalog.current(), listed));
    const drafts = await this.readDrafts(body.policies, reading);
    // Rejects an unknown client as well.
    const members = reading.take();
    const question = { items: parseScope(members.scope), ...audiencesOf(members) };
    const items = await this.explanations.explain(client as Client, question, drafts);
    return ok({ items: items.map(explainedView) });
  }

  @Post('$who-can')
  @RequiresPermission('read')
  async whoCan(@RequestBody(DocumentPipe) body: JsonObject): Promise<Answer> {
    const reading = new MembersReading(WhoCanMembers, body);
    reading.add(unregisteredAudiences(body.audience, await this.catalog.current()));
    const members = reading.take();
    const question = { items: parseScope(members.scope), ...audiencesOf(members) };
    // An empty list of clients would appear to answer the question.
    assertNoFaults(ungrantableFaults(await this.explanations.ungrantable(question)));
    const clients = await this.explanations.whoCan(question);
    return ok({ clients: referencesTo(clients) });
  }

  /** Drafts are checked like written policies, except for privilege escalation, since a question grants nothing. */
  private async readDrafts(
    given: unknown,
    reading: MembersReading<ExplainMembers>,
  ): Promise<Policy[] | undefined> {
    // If there are too many, none is read: the validation rejects them all.
    if (!Array.isArray(given) || given.length > MAX_DRAFTS) return undefined;
    const catalog = await this.catalog.load();
    const drafts: Policy[] = [];
    for (const [position, draft] of given.entries()) {
      if (!isObject(draft)) continue;
      // Queries of SQLite are synchronous: a hundred drafts would block the event loop.
      await nextTurn();
      const path = itemPath('policies', position);
      const own = new MembersReading(PolicyMembers, draft);
      reading.add(faultsAt(path, disagreements(draft, 'AccessPolicy', draft.id)));
      reading.add(faultsAt(path, contradictions(draft)));
      reading.add(faultsAt(path, await unknownClients(draft.link, 'link', this.clients)));
      reading.add(faultsAt(path, unregistered(draft.rules, catalog)));
      if (own.isRight()) drafts.push(draftOf(own.take(), draft, path));
    }
    reading.add(repeatedIds(given));
    return drafts;
  }
}

/** A draft without an id is identified by its place in the request, in a form that is not a valid id. */
const draftOf = (members: PolicyMembers, { id }: JsonObject, path: string): Policy =>
  policyOf(members, typeof id === 'string' ? id : path, null, nowMilliseconds());

const explainedView = ({ grantedNow, ...item }: ExplainedDraft): object =>
  present({ ...item, granted_now: grantedNow });
