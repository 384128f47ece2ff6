import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../support/dialects.js';
import { basic, form, get } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();

const FORGED = [
  'x\n{"level":"info","msg":"forged"}',
  'x\r\n{"level":"fatal"}',
  '\u2028{"forged":1}',
  '\u001b[2Jx',
];

describe('A line of the log', () => {
  it('writes each log line as one JSON object with a UTC time, for any input (G03, G04, ASVS 16.2.2, 16.4.1)', async () => {
    const { server } = library;
    const client = await aClient(server).register();
    for (const forged of FORGED) {
      for (const { token } of DIALECTS) {
        const fields = { grant_type: forged, scope: forged, audience: forged, token: forged };
        await form(server.url + token, { ...fields, client_id: forged, client_secret: 'x' });
        await form(server.url + token, fields, basic(forged, 'x'));
        await form(server.url + token, fields, client.basic);
      }
      await get(
        `${server.url}/Client/${encodeURIComponent(forged)}?${encodeURIComponent(forged)}=1`,
        client.basic,
      );
    }
    const lines = server.stderr().split('\n').filter(Boolean);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const entry = JSON.parse(line);
      expect(entry.time, line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(['debug', 'info', 'warn', 'error']).toContain(entry.level);
      expect(entry.msg).not.toContain('forged');
      expect(entry).not.toHaveProperty('forged');
    }
  });
});
