import type { IncomingMessage } from 'node:http';

const AUTHORIZATION = 'authorization';

/** Node keeps the first of several Authorization headers and forgets the others: then none of them can be trusted. */
export function hasManyAuthorizations({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) seen++;
  }
  return seen > 1;
}
