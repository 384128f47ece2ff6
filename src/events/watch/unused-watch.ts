import { Injectable } from '@nestjs/common';
import { type Notice, Notices } from '../../audit/notices/notices.js';
import { type UnusedClient, UnusedClients } from '../../clients/usage/unused-clients.js';
import { Settings } from '../../config/settings.js';

const DAY_MS = 24 * 3600 * 1000;
/** Reads every client, so it runs less often than the other watches. */
const LOOK_INTERVAL_MS = 3600 * 1000;

/** Records that no credential of a client was used for so many days, and again after each further so many. */
@Injectable()
export class UnusedWatch {
  private dueAt = 0;

  constructor(
    private readonly settings: Settings,
    private readonly clients: UnusedClients,
    private readonly notices: Notices,
  ) {}

  async look(now: number): Promise<void> {
    if (performance.now() < this.dueAt) return;
    const { unusedClientDays } = this.settings.watch;
    for await (const unused of this.clients.since(now - unusedClientDays * DAY_MS)) {
      await this.notices.record(unused.map((client) => noticeOf(client, now, unusedClientDays)));
    }
    this.dueAt = performance.now() + LOOK_INTERVAL_MS;
  }
}

function noticeOf({ id, createdAt, lastUsed }: UnusedClient, now: number, every: number): Notice {
  const since = Math.max(lastUsed ?? 0, createdAt);
  const days = Math.floor((now - since) / every / DAY_MS) * every;
  return {
    key: `client ${id} unused ${since} ${days}`,
    keptUntil: now + 2 * every * DAY_MS,
    entry: {
      action: 'client.go-unused',
      outcome: 'success',
      clientId: id,
      target: { resourceType: 'Client', id },
      detail: { ...(lastUsed === undefined ? {} : { last_used: new Date(lastUsed).toISOString() }), days },
    },
  };
}
