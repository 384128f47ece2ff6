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

  it('compares no more than 1,000 names of about the same length (fault E6)', () => {
    const names = Array.from({ length: 1000 }, (_, n) => `name-${n}`.padEnd(11, 'x'));
    expect(nearName('urn:libary', [...names, 'urn:library'])).toBeUndefined();
    expect(nearName('urn:libary', [...names.slice(1), 'urn:library'])).toBe('urn:library');
  });
});
