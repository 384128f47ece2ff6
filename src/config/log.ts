import type { LoggerService } from '@nestjs/common';
import pino from 'pino';
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

export function createLog(settings: Pick<Settings, 'logLevel'>): Log {
  return pino(
    {
      level: settings.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: (line) => masked(line) },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
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
