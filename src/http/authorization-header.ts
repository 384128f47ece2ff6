import type { IncomingMessage } from 'node:http';
import { isRepeated } from './repeated-header.js';

export const hasManyAuthorizations = (request: Pick<IncomingMessage, 'rawHeaders'>): boolean =>
  isRepeated(request, 'authorization');
