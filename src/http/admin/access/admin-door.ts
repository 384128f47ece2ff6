import { applyDecorators, Controller, UseFilters, UseGuards } from '@nestjs/common';
import { ProblemFilter } from '../answer/problem.filter.js';
import { AdminGuard } from './admin.guard.js';

/** A controller of the administrator's REST: nobody gets in without saying who he is, and errors are problems. */
export const AdminDoor = (path: string): ClassDecorator =>
  applyDecorators(Controller(path), UseGuards(AdminGuard), UseFilters(ProblemFilter));
