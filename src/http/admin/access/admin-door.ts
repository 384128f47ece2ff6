import { applyDecorators, Controller, UseFilters } from '@nestjs/common';
import { ProblemFilter } from '../answer/problem.filter.js';

/** A controller of the administration API. AdminEntrance stands before each of its routes, and errors are problems. */
export const AdminDoor = (path: string): ClassDecorator =>
  applyDecorators(Controller(path), UseFilters(ProblemFilter));
