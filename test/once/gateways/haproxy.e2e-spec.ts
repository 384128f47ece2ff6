import { join } from 'node:path';
import { describe } from 'vitest';
import { debianProgram } from '../../support/debian-program.js';
import { copyExamples, makeScratch, runGateway } from '../../support/gateway.js';
import { freePort } from '../../support/port.js';
import { describeDecisions } from './decisions.js';
import type { GatewayUnderTest } from './gateway-under-test.js';
import { describeQuestions } from './questions.js';

const binary = await debianProgram('haproxy');

const haproxy: GatewayUnderTest = {
  name: 'HAProxy',
  unavailable: 503,
  ambiguous: 404,
  async start({ latchkey, api }) {
    const port = await freePort();
    const scratch = makeScratch();
    copyExamples(['haproxy/haproxy.cfg', 'haproxy/latchkey.lua'], scratch, {
      '/etc/haproxy/': `${scratch}/`,
      '127.0.0.1:8080': `127.0.0.1:${latchkey}`,
      '127.0.0.1:3000': `127.0.0.1:${api}`,
      '127.0.0.1:8000': `127.0.0.1:${port}`,
      '127.0.0.1:8079': `127.0.0.1:${await freePort()}`,
    });
    return runGateway(binary as string, ['-db', '-f', join(scratch, 'haproxy.cfg')], port, scratch);
  },
};

describe.skipIf(!binary)('The example for HAProxy', () => {
  describeDecisions(haproxy);
  describeQuestions(haproxy);
});
