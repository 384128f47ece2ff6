import fc from 'fast-check';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Log } from '../config/log.js';
import { ForwardedFor, readNode } from './forwarded-for.js';

describe('readNode', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['"192.0.2.1:4711"', '192.0.2.1'],
    ['192.0.2.1:_port', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:db8::1]:443"', '2001:db8::1'],
    ['"2001:db8::1"', '2001:db8::1'],
    ['[fe80::1%eth0]:443', 'fe80::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['[::ffff:192.0.2.1]:80', '::ffff:192.0.2.1'],
    ['for=192.0.2.1', '192.0.2.1'],
    ['For="[2001:db8::1]:4711"', '2001:db8::1'],
    ['[192.0.2.1]', '192.0.2.1'],
  ])('reads %s as %s (fault C3)', (element, address) => {
    expect(readNode(element)).toBe(address);
  });

  it.each([
    '',
    'unknown',
    '_hidden',
    '_hidden:80',
    'proxy.example',
    '192.0.2',
    '192.0.2.1.5',
    '[192.0.2.1',
    '1',
  ])('reads no address in %j (fault C3)', (element) => {
    expect(readNode(element)).toBeUndefined();
  });

  it('reads an address or nothing in any text, in bounded time (fault C3)', () => {
    fc.assert(fc.property(fc.string(), (text) => readNode(text) === undefined || text.length > 0));
    const start = performance.now();
    for (const worst of ['"'.repeat(50_000), ':'.repeat(50_000), '['.repeat(50_000), 'a:'.repeat(50_000)]) {
      expect(readNode(worst)).toBeUndefined();
    }
    expect(performance.now() - start).toBeLessThan(500);
  });
});

function reading(proxies: string[], peer = '10.0.0.1') {
  const warnings: [object, string][] = [];
  const log = { warn: (...line: [object, string]) => warnings.push(line) } as unknown as Log;
  const forwarded = new ForwardedFor(proxies, log);
  const resolve = (header: string | undefined) => {
    const raw = { headers: { 'x-forwarded-for': header }, socket: { remoteAddress: peer } };
    forwarded.hook({ raw } as unknown as FastifyRequest, {} as FastifyReply, () => {});
    return raw.headers['x-forwarded-for'];
  };
  return { resolve, warnings };
}

describe('ForwardedFor', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['198.51.100.9, 192.0.2.1:80', '192.0.2.1'],
    ['192.0.2.1:80, 10.1.2.3:9999', '192.0.2.1'],
    ['192.0.2.1, "[2001:db8::5]:1", 10.1.2.3', '2001:db8::5'],
    ['192.0.2.1, unknown, 10.1.2.3', '10.1.2.3'],
    ['unknown', '10.0.0.1'],
    ['10.1.2.3, 10.4.5.6', '10.1.2.3'],
    ['', '10.0.0.1'],
    // The trusted proxy appended nothing, so anything further left may be forged.
    ['198.51.100.9,', '10.0.0.1'],
    ['198.51.100.9, , 10.1.2.3', '10.1.2.3'],
    [',', '10.0.0.1'],
    // A client sent empty elements; they are left of what the proxy appended.
    [', 192.0.2.1', '192.0.2.1'],
    ['198.51.100.9,, 192.0.2.1, 10.1.2.3', '192.0.2.1'],
  ])('finds the rightmost address that is not a trusted proxy in %j (fault C3)', (header, address) => {
    expect(reading(['10.0.0.0/8']).resolve(header)).toBe(address);
  });

  it('ignores the header of a peer that is not trusted, and warns of it once (fault C3)', () => {
    for (const proxies of [[], ['10.0.0.0/8']]) {
      const { resolve, warnings } = reading(proxies, '203.0.113.5');
      expect(resolve(undefined)).toBeUndefined();
      expect(warnings).toEqual([]);
      for (let n = 0; n < 3; n++) expect(resolve('192.0.2.1')).toBe('192.0.2.1');
      expect(warnings).toEqual([
        [
          expect.objectContaining({ peer: '203.0.113.5' }),
          expect.stringContaining('X-Forwarded-For ignored'),
        ],
      ]);
    }
  });

  it('warns once of an empty element, and never of an empty header (fault C3)', () => {
    const { resolve, warnings } = reading(['10.0.0.0/8']);
    resolve('');
    expect(warnings).toEqual([]);
    for (let n = 0; n < 3; n++) expect(resolve('192.0.2.1, ')).toBe('10.0.0.1');
    expect(warnings).toEqual([[{ proxy: '10.0.0.1', text: '' }, expect.stringContaining('not an address')]]);
  });

  it('warns once of what is not an address (fault C3)', () => {
    const { resolve, warnings } = reading(['10.0.0.0/8']);
    for (let n = 0; n < 3; n++) resolve(`_hidden\n${'x'.repeat(500)}`);
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).not.toContain('\\n');
    expect(JSON.stringify(warnings).length).toBeLessThan(300);
  });
});
