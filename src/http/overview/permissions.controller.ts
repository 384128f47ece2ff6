import { Controller, Get, Req, UseFilters, UseInterceptors } from '@nestjs/common';
import { isOwnType, OWN_TYPES, type OwnType } from '../../../packages/protocol/src/own-type.js';
import { Extents } from '../../administration/access/extents.js';
import type { Caller } from '../../administration/access/permissions.js';
import { isId } from '../../protocol/identifier.js';
import { unreadable } from '../../protocol/problem.js';
import { readQuery } from '../admin/access/query-string.js';
import { Takes } from '../admin/access/takes.js';
import { AnswerInterceptor } from '../admin/answer/answer.interceptor.js';
import { type Answer, ok } from '../admin/answer/answer.js';
import { ProblemFilter } from '../admin/answer/problem.filter.js';
import { type AdminRequest, AuthenticatedCaller } from '../admin/caller/admin-request.js';

const FAULT = `must be a type and an id, such as Client/api-client; the types are ${OWN_TYPES.join(', ')}`;

/** `/$permissions`: what the caller itself may do. Every caller may ask, since each learns it by trying. */
@Controller()
@UseInterceptors(AnswerInterceptor)
@UseFilters(ProblemFilter)
export class PermissionsController {
  constructor(private readonly extents: Extents) {}

  @Get('$permissions')
  @Takes({ query: ['target'] })
  async show(@AuthenticatedCaller() caller: Caller, @Req() request: AdminRequest): Promise<Answer> {
    const target = targetOf(request.url);
    return ok({
      resourceType: 'Permissions',
      client: { resourceType: 'Client', id: caller.clientId },
      ...(target === undefined ? {} : { target: { resourceType: target.type, id: target.id } }),
      permissions:
        target === undefined
          ? await this.extents.ofAll(caller)
          : { [target.type]: await this.extents.ofDocument(caller, target.type, target.id) },
    });
  }
}

function targetOf(url: string): { type: OwnType; id: string } | undefined {
  const given = readQuery(url).find(([name]) => name === 'target')?.[1];
  if (given === undefined) return undefined;
  const [type = '', id = '', ...more] = given.split('/');
  if (isOwnType(type) && isId(id) && more.length === 0) return { type, id };
  throw unreadable('the query contains unsupported or invalid parameters', [
    { path: 'target', message: FAULT },
  ]);
}
