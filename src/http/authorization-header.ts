import type { IncomingMessage } from 'node:http';

/** Node keeps the first of several Authorization headers and forgets the others: then none of them can be trusted. */
export const hasManyAuthorizations = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean =>
  rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization').length > 1;
