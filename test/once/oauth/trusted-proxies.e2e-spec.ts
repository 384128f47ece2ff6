import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../admin/audit.js';
import { anAddress, from } from '../../support/addresses.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form, get } from '../../support/http.js';
import { aClient, storedElsewhere, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const LIMIT = 3;

/** A server that believes these proxies, and a client of it. */
function useServer(trusted: string | undefined) {
  const used = {} as { server: TestServer; client: TestClient };
  beforeAll(async () => {
    const env = { LATCHKEY_FAILURES_PER_MINUTE: String(LIMIT), LATCHKEY_TRUSTED_PROXIES: trusted };
    used.server = await startServer({ env });
    const client = await aClient(used.server).with({ secret: 'chosen-by-a-person' }).register();
    used.client = await storedElsewhere(used.server, client);
  });
  afterAll(() => used.server.stop());

  /** Fails as often as it may with these headers, then answers what the right secret gets with the others. */
  const statusAfter = async (
    failing: Record<string, string>[],
    right: Record<string, string>,
    id = used.client.id,
  ): Promise<number> => {
    const url = used.server.url + NATIVE.token;
    const fields = { grant_type: 'client_credentials' };
    for (const [n, headers] of failing.entries())
      await form(url, fields, { ...basic(id, `none of ours ${n}`), ...headers });
    return (await form(url, fields, { ...basic(id, used.client.secret), ...right })).status;
  };
  return { used, statusAfter };
}

const times = (headers: Record<string, string>) => Array(LIMIT).fill(headers) as Record<string, string>[];

describe('Without trusted proxies', () => {
  const { used, statusAfter } = useServer(undefined);

  it('no header changes the address that is counted and logged (H06, RFC 9700 4.13)', async () => {
    const spoofed = [
      from('203.0.113.1'),
      { forwarded: 'for=203.0.113.2' },
      { 'x-real-ip': '203.0.113.3', 'x-forwarded-for': '203.0.113.4, 203.0.113.5' },
    ];
    expect(await statusAfter(spoofed, from('203.0.113.6'))).toBe(429);
    const line = used.server
      .stderr()
      .split('\n')
      .find((one) => one.includes('"client_limited"'));
    expect(JSON.parse(line ?? '{}').address).toBe('127.0.0.1');
    expect(used.server.stderr()).not.toContain('203.0.113.');
    const warnings = used.server
      .stderr()
      .match(/X-Forwarded-For ignored: the peer is not in LATCHKEY_TRUSTED_PROXIES/g);
    expect(warnings).toHaveLength(1);
  });
});

describe('With trusted proxies', () => {
  const { used, statusAfter } = useServer('127.0.0.1, 10.0.0.0/8,2001:db8:1::/48');

  it('the address is the rightmost that is not a trusted proxy (H06, RFC 9700 4.13)', async () => {
    const address = anAddress();
    const elsewhere = anAddress();
    const failing = ['203.0.113.1', '203.0.113.2', '10.9.9.9'].map((spoofed) =>
      from(`${spoofed}, ${address}, 10.1.2.3`),
    );
    expect(await statusAfter(failing, from(`${anAddress()}, ${address}`))).toBe(429);
    expect(await statusAfter([], from(`${address}, ${elsewhere}`))).toBe(200);
  });

  it('what is no address counts as the proxy that wrote it (H06, RFC 9700 4.13)', async () => {
    expect(await statusAfter(times(from('unknown')), from('_hidden'), 'nobody')).toBe(429);
    expect(await statusAfter([], from('proxy.example'), 'nobody')).toBe(429);
    expect(await statusAfter([], from(`${anAddress()}, unknown, 10.1.1.1`), 'nobody')).toBe(401);
    expect(await statusAfter([], from(anAddress()), 'nobody')).toBe(401);
  });

  it.each([
    (address: string) => `${address}:4711`,
    (address: string) => `"${address}:4711"`,
    (address: string) => `for=${address}`,
    (address: string) => `[::ffff:${address}]:443`,
    (address: string) => `${address}, 10.1.2.3:9999`,
  ])('reads an address with port, brackets or quotes as the address (fault C3) %#', async (write) => {
    const [address, other] = [anAddress(), anAddress()];
    const id = `written-${address}`;
    expect(await statusAfter(times(from(write(address))), from(address), id)).toBe(429);
    expect(await statusAfter([], from(write(other)), id)).toBe(401);
    const [event] = await eventually(used.server, `action=authentication.fail&client=${id}`);
    expect([address, other]).toContain(event.agent.address);
  });

  it('audits the address that it counts, of IPv6 without brackets, port and zone (fault C3)', async () => {
    const url = used.server.url + NATIVE.token;
    const fields = { grant_type: 'client_credentials' };
    await form(url, fields, { ...basic('by-ipv6', 'none of ours'), ...from('"[2001:DB8::7%eth0]:443"') });
    const [event] = await eventually(used.server, 'action=authentication.fail&client=by-ipv6');
    expect(event.agent.address).toBe('2001:db8::7');
  });

  it('counts the proxy that wrote an empty element, never an address left of it (fault C3)', async () => {
    const failing = [1, 2, 3].map((n) => from(`203.0.113.${n}, , 10.7.7.7`));
    expect(await statusAfter(failing, from(`${anAddress()},, 10.7.7.7`), 'behind-a-gap')).toBe(429);
    expect(await statusAfter([], from(`, ${anAddress()}, 10.7.7.7`), 'behind-a-gap')).toBe(401);
  });

  it('warns once of what it cannot read (fault C3)', async () => {
    await statusAfter(times(from('_hidden, unknown')), from('unknown'), 'unreadable');
    const warnings = used.server
      .stderr()
      .match(/X-Forwarded-For contains an element that is not an address/g);
    expect(warnings).toHaveLength(1);
  });

  it.each(['fe80::1%br-lan', 'fe80::1%eth-0', '::ffff:203.0.113.77%x-', 'fe80::1%'])(
    'a zone changes nothing of an address: %s (H06, RFC 4007 11)',
    async (address) => {
      const bare = address.replace(/%.*/, '');
      const id = `zone-${address.length}`;
      expect(await statusAfter(times(from(address)), from(bare), id)).toBe(429);
      expect(await statusAfter([], from(`${bare}%eth1`), id)).toBe(429);
    },
  );

  it('an IPv6 network of 64 bits counts as one address (C15, ASVS 6.3.1)', async () => {
    const failing = ['2001:db8:0:7::1', '2001:DB8:0:7::2', '2001:db8:0:7:ffff:ffff:ffff:ffff'].map(from);
    expect(await statusAfter(failing, from('2001:db8:0:7::99'), 'of-a-network')).toBe(429);
    expect(await statusAfter([], from('2001:db8:0:8::99'), 'of-a-network')).toBe(401);
  });

  it('an IPv4 address inside IPv6 is the IPv4 address (C15, ASVS 6.3.1)', async () => {
    const address = anAddress();
    expect(await statusAfter(times(from(`::ffff:${address}`)), from(address), 'of-ipv4')).toBe(429);
    expect(await statusAfter([], from(`::ffff:${anAddress()}`), 'of-ipv4')).toBe(401);
  });

  it('X-Forwarded-Host and -Proto change nothing that is published (H08, RFC 8414 3)', async () => {
    const path = '/.well-known/oauth-authorization-server';
    const plain = await get(used.server.url + path);
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      ...from('203.0.113.9'),
    };
    const forwarded = await get(used.server.url + path, headers);
    expect(forwarded.text).toBe(plain.text);
    const { body } = await form(
      `${used.server.url}/oidc/token`,
      { grant_type: 'client_credentials', scope: 'none' },
      { ...used.client.basic, ...headers },
    );
    const [, claims = ''] = body.access_token.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString()).iss).toBe(`${used.server.publicUrl}/oidc`);
  });
});
