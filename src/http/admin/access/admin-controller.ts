import { applyDecorators, Controller, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import type { OwnType } from '../../../../packages/protocol/src/own-type.js';
import { AnswerInterceptor } from '../answer/answer.interceptor.js';
import { ProblemFilter } from '../answer/problem.filter.js';
import { PermissionGuard, ServedType } from './permission.guard.js';

/**
 * The controller of one type in the administration API. AdminEntrance authenticates the callers of its routes, which
 * return an `Answer`; errors are problem documents.
 */
export const AdminController = (type: OwnType): ClassDecorator =>
  applyDecorators(
    Controller(type),
    ServedType(type),
    UseGuards(PermissionGuard),
    UseInterceptors(AnswerInterceptor),
    UseFilters(ProblemFilter),
  );
