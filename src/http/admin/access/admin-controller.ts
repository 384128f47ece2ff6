import { applyDecorators, Controller, UseFilters } from '@nestjs/common';
import { ProblemFilter } from '../answer/problem.filter.js';

/** A controller of the administration API. AdminEntrance guards each of its routes, and errors are problem documents. */
export const AdminController = (path: string): ClassDecorator =>
  applyDecorators(Controller(path), UseFilters(ProblemFilter));
