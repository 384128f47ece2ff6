import { describe, expect, it } from 'vitest';
import { nearName } from './near-name.js';

const NAMES = ['urn:library', 'https://payroll.example/', 'book'];

describe('nearName', () => {
  it.each([
    ['urn:libary', 'urn:library'],
    ['urn:lirbary', 'urn:library'],
    ['URN:Library', 'urn:library'],
    ['urn:librarians', undefined],
    ['https://payroll.example', 'https://payroll.example/'],
    ['http://payroll.example', 'https://payroll.example/'],
    ['boook', 'book'],
    ['boks', undefined],
    ['', undefined],
  ])('finds what %j was meant to be: %j (fault E6)', (name, near) => {
    expect(nearName(name, NAMES)).toBe(near);
  });

  it('prefers the nearest name (fault E6)', () => {
    expect(nearName('reports', ['report-1', 'report'])).toBe('report');
  });

  it('takes little time for many long names (fault E6)', () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `${'a'.repeat(250)}${n}`);
    const start = performance.now();
    expect(nearName(`b${'a'.repeat(253)}`, names)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
