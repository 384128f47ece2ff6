import { Controller, Get, UseFilters, UseInterceptors } from '@nestjs/common';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import type { Caller } from '../../administration/access/permissions.js';
import { Permits } from '../../administration/access/permits.js';
import { isoTime } from '../../administration/documents/meta.js';
import { type ChainFigures, ChainFiguresReader } from '../../audit/chain/chain-figures.js';
import { type ClientFigures, ClientFiguresReader } from '../../clients/figures/client-figures.js';
import { Settings } from '../../config/settings.js';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { ProcessActivity } from '../../metrics/process-activity.js';
import { ServerCertificate } from '../../metrics/server-certificate.js';
import { nowMilliseconds, sharedMilliseconds } from '../../runtime/clock.js';
import { remembered } from '../../runtime/remembered.js';
import { AnswerInterceptor } from '../admin/answer/answer.interceptor.js';
import { type Answer, ok } from '../admin/answer/answer.js';
import { ProblemFilter } from '../admin/answer/problem.filter.js';
import { AuthenticatedCaller } from '../admin/caller/admin-request.js';
import { Readiness } from '../health/readiness.js';
import { activityView } from './activity-view.js';
import { clientsView, endingView, quotasView } from './client-figures-view.js';

/** However many administrators look, the database is read once in this time. */
const REMEMBERED_MS = 5000;

interface Figures {
  clients: ClientFigures;
  chain: ChainFigures;
}

/** `/$overview`: the state of the server in one answer, whose cost does not depend on the number of tokens. */
@Controller()
@UseInterceptors(AnswerInterceptor)
@UseFilters(ProblemFilter)
export class OverviewController {
  private readonly figures: () => Promise<Figures>;

  constructor(
    private readonly permits: Permits,
    private readonly activity: ProcessActivity,
    private readonly certificate: ServerCertificate,
    private readonly readiness: Readiness,
    private readonly clock: AgreedClock,
    private readonly settings: Settings,
    clients: ClientFiguresReader,
    chain: ChainFiguresReader,
  ) {
    this.figures = remembered(REMEMBERED_MS, async () => ({
      clients: await clients.read(),
      chain: await chain.read(),
    }));
  }

  @Get('$overview')
  async show(@AuthenticatedCaller() caller: Caller): Promise<Answer> {
    await this.permits.require(caller, 'Client', ALL, 'read');
    await this.permits.require(caller, 'AuditEvent', ALL, 'read');
    const { clients, chain } = await this.figures();
    const processes = await this.activity.ofAll();
    return ok({
      resourceType: 'Overview',
      tokens: activityView(processes, nowMilliseconds()),
      processes: { counted: processes.length, configured: this.settings.workers },
      clients: clientsView(clients),
      ending: endingView(clients, this.certificate.expiresAt),
      quotas: quotasView(clients, sharedMilliseconds()),
      audit_chain: chainView(chain),
      database: await this.databaseView(),
    });
  }

  private async databaseView() {
    const fault = await this.readiness.check();
    return {
      engine: this.settings.database.engine,
      ready: fault === undefined,
      ...(fault === undefined ? {} : { status: fault.status }),
      clock_skew_ms: this.clock.skewMilliseconds(),
    };
  }
}

const chainView = ({ events, breaks, lastBreakAt }: ChainFigures) => ({
  events,
  breaks,
  ...(lastBreakAt === undefined ? {} : { last_break: isoTime(lastBreakAt) }),
});
