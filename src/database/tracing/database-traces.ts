import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { Tracing } from '../../tracing/tracing.js';
import { DurableWriter, type Write } from '../durable-writer.js';
import { RowReader } from '../row-reader.js';
import { UnitOfWork } from '../unit-of-work.js';

/** The names of OpenTelemetry's conventions for databases. */
const SYSTEMS = { sqlite: 'sqlite', mysql: 'mysql', postgres: 'postgresql' } as const;

type Call = (...parameters: never[]) => Promise<unknown>;

/**
 * A span for each call of a request to the database, with the time that it waits for others. The methods of the one
 * reader, writer and unit of work are replaced, so that they cost nothing more where traces are off.
 */
@Injectable()
export class DatabaseTraces {
  constructor(
    @Inject(Tracing) private readonly tracing: Tracing | undefined,
    private readonly settings: Settings,
    reader: RowReader,
    writer: DurableWriter,
    unitOfWork: UnitOfWork,
  ) {
    if (!tracing) return;
    this.trace(reader, 'read', (sql: string) => summaryOf(sql));
    this.trace(reader, 'find', ({ select }: { select: string }) => summaryOf(select));
    this.trace(reader, 'findAll', ({ sql }: { sql: (places: string) => string }) => summaryOf(sql('?')));
    this.trace(writer, 'write', summaryOfWrite);
    for (const method of ['transaction', 'transactionInTurn'] as const)
      this.trace(unitOfWork, method, () => 'transaction');
    this.trace(unitOfWork, 'query', () => 'query');
  }

  private trace<T extends object, K extends keyof T>(
    owner: T,
    method: K,
    nameOf: T[K] extends (first: infer F, ...rest: never[]) => unknown ? (first: F) => string : never,
  ): void {
    const call = (owner[method] as Call).bind(owner);
    const system = SYSTEMS[this.settings.database.engine];
    const traced = (...parameters: never[]) => {
      const name = (nameOf as (first: unknown) => string)(parameters[0]);
      const attributes = { 'db.system.name': system, 'db.query.summary': name };
      return this.tracing?.around(name, attributes, () => call(...parameters));
    };
    Object.assign(owner, { [method]: traced });
  }
}

/** The operation and its first table, without values: `SELECT client`. */
function summaryOf(sql: string): string {
  const [, operation = 'statement'] = /^\s*([A-Z]+)/i.exec(sql) ?? [];
  const [, table] = /\b(?:FROM|INTO|UPDATE)\s+([a-z_]+)/.exec(sql) ?? [];
  return table === undefined ? operation : `${operation} ${table}`;
}

function summaryOfWrite(write: Write): string {
  if ('into' in write) return `INSERT ${write.into.table}`;
  if ('mark' in write) return `UPDATE ${write.mark.table}`;
  return summaryOf(write.statements[0]?.sql ?? '');
}
