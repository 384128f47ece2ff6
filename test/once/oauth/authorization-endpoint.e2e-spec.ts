import { describe, expect, it } from 'vitest';
import { basic, form, get, raw, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();

const REFUSAL = {
  error: 'unsupported_response_type',
  error_description:
    'users cannot sign in at this server; clients request tokens with grant_type=client_credentials at its token endpoint',
};

const QUESTION = new URLSearchParams({
  response_type: 'code',
  client_id: 'root',
  redirect_uri: 'https://evil.example/callback',
  state: 'echo-me-not',
  code_challenge: 'x'.repeat(43),
}).toString();

describe.each(['/auth/authorize', '/authorize', '/oidc/auth'])('The authorization endpoint %s', (path) => {
  const url = () => library.server.url + path;

  it('refuses every request with the same response, without a redirect (RFC 9700 4.11)', async () => {
    const { adminId, adminSecret } = library.server;
    const answers = [
      await get(url()),
      await get(`${url()}?${QUESTION}`),
      await get(`${url()}?response_type=none&client_id=root`),
      await get(`${url()}?${QUESTION}`, { ...basic(adminId, adminSecret), accept: 'text/html' }),
      await form(url(), QUESTION),
      await request(url(), { method: 'POST', body: 'echo-me-not', headers: { 'content-type': 'text/x' } }),
    ];
    for (const { status, headers, body, text } of answers) {
      expect([status, body]).toEqual([400, REFUSAL]);
      expect(headers.get('location')).toBeNull();
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-store');
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(text).toBe(answers[0]?.text);
    }
  });

  it('repeats nothing of the request in its header', async () => {
    const target = `${path}?${QUESTION}`;
    const text = await raw(
      library.server.port,
      `GET ${target} HTTP/1.1\r\nHost: echo-me-not\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toContain('400 Bad Request');
    expect(text).not.toMatch(/echo-me-not|evil\.example|callback/);
  });

  it('answers other methods with 405', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await request(url(), { method });
      expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    }
  });
});
