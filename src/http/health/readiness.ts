import { Inject, Injectable, Optional } from '@nestjs/common';
import { DurableWriter } from '../../database/durable-writer.js';
import { Heartbeat } from '../../database/engine/heartbeat.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { isConflict, reasonOfAbsence } from '../../database/storage-error.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { IssuanceProbe } from '../../sessions/issuance-probe.js';

const TRUSTED_MS = 1000;
const MAX_PROBE_MS = 2000;

/** Which check failed and what that means, in fixed words: a driver's message never leaves the server. */
export interface NotReady {
  check: 'read' | 'write' | 'connect';
  status: string;
}

type Outcome = NotReady | undefined;

/** Probes whether a token could be issued now, at most once a second, however often it is requested. */
@Injectable()
export class Readiness {
  private last: { outcome: Outcome; until: number } | undefined;
  private answering: Promise<Outcome> | undefined;
  /** A probe that timed out still runs; no other starts before it ends. */
  private running: Promise<Outcome> | undefined;

  constructor(
    private readonly revision: ConfigurationRevision,
    private readonly probe: IssuanceProbe,
    @Inject(DurableWriter) private readonly writer: DurableWriter,
    @Optional() @Inject(Heartbeat) private readonly heartbeat?: Heartbeat,
  ) {}

  check(): Promise<Outcome> {
    // A write has failed since the last probe.
    const { lastFailure } = this.writer;
    if (lastFailure !== undefined) {
      this.last = undefined;
      return Promise.resolve({ check: 'write', status: statusOf(lastFailure) });
    }
    if (this.last && performance.now() < this.last.until) return Promise.resolve(this.last.outcome);
    this.answering ??= this.answer();
    return this.answering;
  }

  private async answer(): Promise<Outcome> {
    const outcome = this.running ? TOO_SLOW : await this.withinTime(this.begin());
    this.last = { outcome, until: performance.now() + TRUSTED_MS };
    this.answering = undefined;
    return outcome;
  }

  private begin(): Promise<Outcome> {
    const running = this.probeAll().finally(() => {
      this.running = undefined;
    });
    this.running = running;
    return running;
  }

  private async withinTime(probing: Promise<Outcome>): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve(TOO_SLOW), MAX_PROBE_MS);
    });
    const outcome = await Promise.race([probing, late]);
    clearTimeout(timer);
    return outcome;
  }

  private async probeAll(): Promise<Outcome> {
    return (
      (await outcomeOf('read', async () => void (await this.revision.current()))) ??
      (await outcomeOf('write', () => this.probe.run())) ??
      (await outcomeOf('connect', async () => this.heartbeat?.assertConnectable()))
    );
  }
}

const TOO_SLOW: NotReady = { check: 'write', status: 'the database is locked or too slow' };

async function outcomeOf(check: NotReady['check'], work: () => Promise<void>): Promise<Outcome> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { check, status: statusOf(error) };
  }
}

function statusOf(error: unknown): string {
  if (!(error instanceof TemporarilyUnavailable)) return 'the database returned an unexpected result';
  if (isConflict(error.cause)) return TOO_SLOW.status;
  const reason = reasonOfAbsence(error);
  return reason ? MEANINGS[reason] : 'the database does not answer';
}

const MEANINGS = {
  moved: 'the database file was moved or deleted',
  readOnly: 'the database is read-only',
  full: 'the database is out of disk space',
  stalled: 'the database does not complete writes; its disk may be full',
  rejectsConnections: 'the database rejects connections',
} as const;
