import type { IncomingMessage } from 'node:http';
import { isRepeated } from './repeated-header.js';

type Head = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/** Whether a request presents more than one credential in its header; an empty line presents none. */
export const hasManyAuthorizations = (request: Pick<Head, 'rawHeaders'>): boolean =>
  isRepeated(request, 'authorization') && presented(request).length > 1;

/** Takes an empty Authorization header off a request, so that it is read as one without; Node keeps the first line alone. */
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
