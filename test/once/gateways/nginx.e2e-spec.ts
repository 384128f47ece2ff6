import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { debianProgram } from '../../support/debian-program.js';
import { aroundNginx, copyExamples, makeScratch, runGateway } from '../../support/gateway.js';
import { freePort } from '../../support/port.js';
import { describeDecisions } from './decisions.js';
import type { GatewayUnderTest } from './gateway-under-test.js';
import { describeQuestions } from './questions.js';

const binary = await debianProgram('nginx');

const nginx: GatewayUnderTest = {
  name: 'nginx',
  unavailable: 503,
  ambiguous: 400,
  async start({ latchkey, api }) {
    const port = await freePort();
    const scratch = makeScratch();
    // As the README says to install them; nginx finds both beside nginx.conf.
    copyExamples(['nginx/latchkey-protect.conf'], join(scratch, 'snippets'), {});
    copyExamples(['nginx/latchkey.conf'], join(scratch, 'conf.d'), {
      '127.0.0.1:8080': `127.0.0.1:${latchkey}`,
      '127.0.0.1:3000': `127.0.0.1:${api}`,
      '127.0.0.1:8000': `127.0.0.1:${port}`,
    });
    const file = join(scratch, 'nginx.conf');
    writeFileSync(file, aroundNginx(scratch, 'include conf.d/*.conf;'));
    return runGateway(binary as string, ['-p', scratch, '-c', file, '-e', 'stderr'], port, scratch);
  },
};

describe.skipIf(!binary)('The example for nginx', () => {
  describeDecisions(nginx);
  describeQuestions(nginx);
});
