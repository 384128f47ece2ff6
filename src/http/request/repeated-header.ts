import type { IncomingMessage } from 'node:http';

/** Node keeps the first of several lines of some headers and forgets the others: then none of them can be trusted. */
export function isRepeated({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): boolean {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const other = rawHeaders[at] as string;
    if (other.length === name.length && other.toLowerCase() === name) seen++;
  }
  return seen > 1;
}
