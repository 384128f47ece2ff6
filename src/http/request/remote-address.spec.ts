import fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { remoteAddress, trusting } from './remote-address.js';

const seenAs = (ip: string, remote = '192.0.2.1') =>
  remoteAddress({ ip, socket: { remoteAddress: remote } as FastifyRequest['socket'] });

/** Any text, and more often the names of interfaces. */
const zones = fc.oneof(fc.string(), fc.constantFrom('eth0', 'br-lan', 'eth-0', 'e.0', 'x-', '', '%', '1'));
const addresses = fc.oneof(
  fc.ipV6(),
  fc.ipV4(),
  fc.ipV4().map((address) => `::ffff:${address}`),
);

describe('remoteAddress', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7%x-', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['fe80::1%br-lan', 'fe80::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['fe80::1', 'fe80::/64'],
    ['unknown', '192.0.2.1'],
    ['198.51.100.7:80', '192.0.2.1'],
    ['', '192.0.2.1'],
  ])('counts %j as %s (H06, RFC 9700 4.13)', (ip, address) => {
    expect(seenAs(ip)).toBe(address);
  });

  it("ignores the socket's zone, and counts a missing address as unknown", () => {
    expect(seenAs('fe80::2%br-lan', 'fe80::2%br-lan')).toBe('fe80::/64');
    expect(seenAs('_hidden', 'fe80::2%br-lan')).toBe('fe80::/64');
    expect(remoteAddress({ ip: undefined, socket: {} } as never)).toBe('unknown');
  });

  it('counts an address as the same in every zone, whatever the zone is (H06, RFC 4007 11)', () => {
    fc.assert(
      fc.property(addresses, zones, (address, zone) => {
        expect(seenAs(`${address}%${zone}`, '')).toBe(seenAs(address, ''));
        expect(seenAs(address, '')).not.toBe('unknown');
      }),
    );
  });

  it('never fails, whatever a proxy writes (H06, RFC 9700 4.13)', () => {
    const odd = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdf:.%-/[]') }),
      fc
        .tuple(addresses, fc.constantFrom('', ':', '/64', ']:80', ' ', '%'), zones)
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(odd, odd, (ip, remote) => {
        expect(seenAs(ip, remote)).toMatch(/^([0-9.]+|[0-9a-f:]+\/64|unknown)$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('trusting', () => {
  const trusts = trusting(['10.0.0.0/8', 'fe80::/10', '2001:db8::1']);

  it.each(['10.1.2.3', '::ffff:10.1.2.3', 'fe80::1', 'fe80::1%eth0', 'fe80::1%br-lan', '2001:db8::1%x-'])(
    'trusts the proxy at %s (H06, RFC 4007 11)',
    (address) => {
      expect(trusts(address, 0)).toBe(true);
    },
  );

  it.each(['11.0.0.1', '2001:db8::2%br-lan', 'unknown', '%10.0.0.1', '', 'x%fe80::1', undefined])(
    'does not trust %j (H06, RFC 9700 4.13)',
    (address) => {
      expect(trusts(address as string, 0)).toBe(false);
    },
  );
});
