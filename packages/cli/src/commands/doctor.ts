import type { Command } from 'commander';
import { type Check, type Finding, NOT_VISIBLE } from '../diagnosis/finding.js';
import { certificate, disk } from '../diagnosis/host.js';
import { clock, databaseClock, issuer, keys, processes, readiness } from '../diagnosis/server.js';
import { Failure } from '../failure.js';
import { print, say } from '../output.js';
import { isJson, serverOf } from './context.js';

const CHECKS: Record<string, Check> = {
  certificate,
  readiness,
  clock,
  'database clock': databaseClock,
  issuer,
  'signing keys': keys,
  processes,
  disk,
};

/** `doctor`: problems of a server that a client can see, with their remedies. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('find what is wrong with the server, and the remedy; ends with 1 if something is')
    .action(async (_options: object, command: Command) => {
      const server = serverOf(command);
      const findings: ({ check: string } & Finding)[] = [];
      for (const [check, run] of Object.entries(CHECKS)) {
        const finding = await run(server).catch(failed);
        // A server that cannot be reached is one finding.
        const isRepeated = findings.some(({ ok, detail }) => !ok && detail === finding?.detail);
        if (finding !== NOT_VISIBLE && !isRepeated) findings.push({ check, ...finding });
      }
      if (isJson(command)) print(findings, true);
      else for (const { check, ok, detail } of findings) say(`${ok ? 'ok  ' : 'FAIL'} ${check}: ${detail}`);
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

/** One check that cannot be made does not prevent the others. */
function failed(error: unknown) {
  if (!(error instanceof Failure)) throw error;
  return { ok: false, detail: error.message };
}
