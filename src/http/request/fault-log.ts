import type { FastifyRequest } from 'fastify';
import type { Log } from '../../config/log.js';
import type { Outage } from '../../database/outage.js';

/** Where an internal error is logged, at a level that depends on the state of the database. */
export interface FaultLog {
  log: Log;
  outage: Outage;
}

/**
 * Logs an internal error. A driver's error contains SQL and its values, so only its name, code and stack are logged.
 */
export function logFault({ log, outage }: FaultLog, fault: unknown, request: FastifyRequest): void {
  const { name, code, stack, cause } = (fault ?? {}) as Error & { code?: unknown };
  const { name: causeName, code: causeCode } = (cause ?? {}) as Error & { code?: unknown };
  log[outage.levelOf(fault)](
    {
      request: request.id,
      method: request.method,
      route: request.routeOptions?.url,
      fault: name,
      code,
      // Frames only: the first lines of a stack repeat the message.
      stack: stack
        ?.split('\n')
        .filter((line) => line.trimStart().startsWith('at '))
        .slice(0, 8),
      ...(cause === undefined ? {} : { cause: { fault: causeName, code: causeCode } }),
    },
    'request failed',
  );
}
