import { Injectable } from '@nestjs/common';
import { betweenSlices } from '../../runtime/slices.js';
import { IssuedRequests, REQUESTS_PER_PAGE } from '../../sessions/issued-requests.js';
import { timeOfId } from '../../sessions/session-row.js';
import type { EarlierRequests } from './earlier-requests.js';

const MAX_ROWS = 200_000;
/** More clients are found among all requests. */
const MAX_READ_SINGLY = 100;
const AFTER_ALL_IDS = 'g';

/** Reads the token requests of some clients, the newest first, within a bound. */
@Injectable()
export class RequestReader {
  constructor(private readonly issued: IssuedRequests) {}

  /** Ends at the time `until`. Returns since when every request was read. */
  async read(
    clients: { has(id: string): boolean; keys(): Iterable<string>; readonly size: number },
    start: number,
    requests: EarlierRequests,
    until: number,
  ): Promise<number> {
    if (clients.size === 0) return start;
    const singly = clients.size <= MAX_READ_SINGLY;
    const sources = singly ? [...clients.keys()] : [undefined];
    let readFrom = start;
    for (const [position, clientId] of sources.entries()) {
      // The rest of the time is shared equally.
      const now = performance.now();
      const share = now + (until - now) / 2 / (sources.length - position);
      let rows = Math.ceil(MAX_ROWS / sources.length);
      let before = AFTER_ALL_IDS;
      for (;;) {
        await betweenSlices();
        const page = await this.issued.page(start, before, clientId);
        for (const request of page) if (clients.has(request.clientId)) requests.add(request);
        if (page.length < REQUESTS_PER_PAGE) break;
        before = page.at(-1)?.id ?? '';
        rows -= page.length;
        if (rows <= 0 || performance.now() > share) {
          readFrom = Math.max(readFrom, timeOfId(before));
          break;
        }
      }
    }
    return readFrom;
  }
}
