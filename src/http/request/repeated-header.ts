import type { IncomingMessage } from 'node:http';

/** Node keeps only the first line of some repeated headers; then none of the lines can be trusted. */
export function isRepeated({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): boolean {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const other = rawHeaders[at] as string;
    if (other.length === name.length && other.toLowerCase() === name) seen++;
  }
  return seen > 1;
}
