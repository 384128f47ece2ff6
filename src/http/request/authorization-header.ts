import type { IncomingMessage } from 'node:http';
import { isRepeated } from './repeated-header.js';

type Head = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/** Whether a request has more than one credential in its header; an empty line has none. */
export const hasManyAuthorizations = (request: Pick<Head, 'rawHeaders'>): boolean =>
  isRepeated(request, 'authorization') && presented(request).length > 1;

/**
 * Removes an empty Authorization header, so that the request counts as one without; Node keeps only the first line.
 */
export function dropEmptyAuthorization(request: Head): void {
  const { headers } = request;
  if (headers.authorization !== '') return;
  const [value] = presented(request);
  if (value === undefined) delete headers.authorization;
  else headers.authorization = value;
}

const presented = ({ rawHeaders }: Pick<Head, 'rawHeaders'>): string[] =>
  rawHeaders.filter(
    (value, at) => at % 2 === 1 && value !== '' && rawHeaders[at - 1]?.toLowerCase() === 'authorization',
  );
