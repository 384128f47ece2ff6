import type { LoggerService } from '@nestjs/common';
import pino, { type LoggerOptions } from 'pino';
import { masked } from '../../packages/protocol/src/masked.js';
import type { Settings } from './settings.js';

/** The server's log: JSON lines on standard error, separate from the one-time secret on standard output. */
export abstract class Log {
  abstract fatal(fields: object, message: string): void;
  abstract error(fields: object, message: string): void;
  abstract warn(fields: object, message: string): void;
  abstract info(fields: object, message: string): void;
  abstract debug(fields: object, message: string): void;
}

/** JSON lines in which no token or secret is readable. */
const SHAPE = {
  timestamp: pino.stdTimeFunctions.isoTime,
  hooks: { streamWrite: masked },
  formatters: { level: (label: string) => ({ level: label }) },
} satisfies LoggerOptions;

export function createLog(settings: Pick<Settings, 'logLevel'>): Log {
  return pino(
    {
      ...SHAPE,
      level: settings.logLevel,
      base: null,
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** One line for each request, beside the log and whatever its level. */
export interface AccessLines {
  write(fields: object, message: string): void;
  /** Writes what is still buffered. */
  flush(): void;
}

/** The largest write that a pipe does not mix with those of other processes (POSIX, PIPE_BUF on Linux). */
const MAX_ATOMIC_BYTES = 4096;

/** Lines of several requests share a write that does not wait. */
export function openAccessLines({ workers }: Pick<Settings, 'workers'>): AccessLines {
  const destination = pino.destination({ fd: 2, sync: false, maxWrite: MAX_ATOMIC_BYTES });
  const lines = pino({ ...SHAPE, base: workers === 1 ? null : { worker: process.pid } }, destination);
  return {
    write: (fields, message) => lines.info(fields, message),
    flush: () => destination.flushSync(),
  };
}

/** Routes Nest's own messages to the same log; its start-up messages are logged at debug level only. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, context?: string) {
    this.target.debug({ context }, String(message));
  }

  debug(message: unknown, context?: string) {
    this.target.debug({ context }, String(message));
  }

  warn(message: unknown, context?: string) {
    this.target.warn({ context }, String(message));
  }

  error(message: unknown, ...rest: unknown[]) {
    const context = rest.at(-1);
    // The application also throws these errors, and they are logged there.
    this.target[context === 'NestApplication' ? 'debug' : 'error']({ context }, String(message));
  }

  fatal(message: unknown, ...rest: unknown[]) {
    this.target.fatal({ context: rest.at(-1) }, String(message));
  }
}
