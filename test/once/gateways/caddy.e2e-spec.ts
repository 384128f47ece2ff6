import { join } from 'node:path';
import { describe } from 'vitest';
import { debianProgram } from '../../support/debian-program.js';
import { copyExamples, makeScratch, runGateway } from '../../support/gateway.js';
import { freePort } from '../../support/port.js';
import { describeDecisions } from './decisions.js';
import type { GatewayUnderTest } from './gateway-under-test.js';
import { describeQuestions } from './questions.js';

const binary = await debianProgram('caddy');

const caddy: GatewayUnderTest = {
  name: 'Caddy',
  unavailable: 502,
  ambiguous: 400,
  async start({ latchkey, api }) {
    const port = await freePort();
    const scratch = makeScratch();
    copyExamples(['caddy/Caddyfile'], scratch, {
      '127.0.0.1:8080': `127.0.0.1:${latchkey}`,
      '127.0.0.1:3000': `127.0.0.1:${api}`,
      'http://:8000': `http://:${port}`,
    });
    const args = ['run', '--adapter', 'caddyfile', '--config', join(scratch, 'Caddyfile')];
    return runGateway(binary as string, args, port, scratch);
  },
};

describe.skipIf(!binary)('The example for Caddy', () => {
  describeDecisions(caddy);
  describeQuestions(caddy);
});
