import { Controller, Post, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { DecisionPoint, type PointDecision } from '../../../policies/decision-point.service.js';
import type { Fault } from '../../../protocol/problem.js';
import { PermissionGuard, RequiresPermission, ServedType } from '../access/permission.guard.js';
import { AnswerInterceptor } from '../answer/answer.interceptor.js';
import { type Answer, ok } from '../answer/answer.js';
import { ProblemFilter } from '../answer/problem.filter.js';
import { DocumentPipe, RequestBody } from '../body/request-body.js';
import { readEvaluation, readEvaluations } from './evaluations.js';
import { paged, readPage } from './pages.js';
import { assertReadable, type Entity, type Question, readQuestion } from './questions.js';

/** The only type of subject: users with the id of a client must not get what the client is granted. */
const SUBJECT_TYPE = 'client';

/**
 * A decision point of AuthZEN 1.0. The subject is a client, the type of a resource is a resource of this server, its id an
 * identifier, the action an operation. Decisions tell what policies say, so callers need to be able to read them.
 */
@Controller('access/v1')
@ServedType('AccessPolicy')
@UseGuards(PermissionGuard)
@UseInterceptors(AnswerInterceptor)
@UseFilters(ProblemFilter)
export class DecisionPointController {
  constructor(private readonly point: DecisionPoint) {}

  @Post('evaluation')
  @RequiresPermission('read')
  async evaluation(@RequestBody(DocumentPipe) body: JsonObject): Promise<Answer> {
    return ok(viewOf(await this.decide(readEvaluation(body))));
  }

  @Post('evaluations')
  @RequiresPermission('read')
  async evaluations(@RequestBody(DocumentPipe) body: JsonObject): Promise<Answer> {
    const { questions, single, goesOn } = readEvaluations(body);
    if (!questions) return ok(viewOf(await this.decide(single)));
    const decisions: object[] = [];
    for (const question of questions) {
      const [view, granted] = await this.part(question);
      decisions.push(view);
      if (!goesOn(granted)) break;
    }
    return ok({ evaluations: decisions });
  }

  @Post('search/subject')
  @RequiresPermission('read')
  searchSubject(@RequestBody(DocumentPipe) body: JsonObject): Promise<Answer> {
    return this.found(body, 'subject', async ({ subject, action, resource }) => {
      if (subject.type !== SUBJECT_TYPE) return [];
      const item = { resource: resource.type, identifier: resource.id, operation: action.name };
      return this.point.clientsFor(item);
    });
  }

  @Post('search/resource')
  @RequiresPermission('read')
  searchResource(@RequestBody(DocumentPipe) body: JsonObject): Promise<Answer> {
    return this.found(body, 'resource', async ({ subject, action, resource }) =>
      subject.type === SUBJECT_TYPE ? this.point.identifiersFor(subject.id, resource.type, action.name) : [],
    );
  }

  @Post('search/action')
  @RequiresPermission('read')
  searchAction(@RequestBody(DocumentPipe) body: JsonObject): Promise<Answer> {
    return this.found(body, 'action', async ({ subject, resource }) =>
      subject.type === SUBJECT_TYPE ? this.point.operationsFor(subject.id, resource.type, resource.id) : [],
    );
  }

  private async part(question: Question | readonly Fault[]): Promise<[view: object, granted: boolean]> {
    if (!('subject' in question)) return [unreadableView(question), false];
    const decision = await this.decide(question);
    return [viewOf(decision), decision.granted];
  }

  private async decide({ subject, action, resource }: Question): Promise<PointDecision> {
    if (subject.type !== SUBJECT_TYPE) return { granted: false, reason: 'unknown_subject' };
    const item = { resource: resource.type, identifier: resource.id, operation: action.name };
    return this.point.decide(subject.id, item);
  }

  /** AuthZEN 8.3. */
  private async found(
    body: JsonObject,
    asked: Entity,
    search: (question: Question) => Promise<string[]>,
  ): Promise<Answer> {
    const [question, faults] = readQuestion(body, '', asked);
    const page = readPage(body, faults);
    assertReadable(faults);
    const { results, nextToken } = paged(await search(question), page);
    const named = (value: string) =>
      asked === 'action' ? { name: value } : { type: question[asked].type, id: value };
    return ok({ page: { next_token: nextToken, count: results.length }, results: results.map(named) });
  }
}

/** AuthZEN 7.2.1. */
const unreadableView = (errors: readonly Fault[]): object => ({
  decision: false,
  context: { reason: 'malformed', error: { status: 400, errors } },
});

/** AuthZEN 5.5: the reason, policy and rule that `$explain` gives. */
const viewOf = ({ granted, ...context }: PointDecision): object => ({ decision: granted, context });
