import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { useLibrary } from '../support/library.js';
import { expectProblem, idsOf } from './answers.js';

const library = useLibrary();
let root: Admin;
let at: Date;

beforeAll(async () => {
  root = admin(library.server);
  const { body } = await root.put('/Client/dated', { name: 'dated' });
  at = new Date(body.meta.lastUpdated);
});

const finds = async (...dates: string[]) => {
  const query = dates.map((date) => `_lastUpdated=${encodeURIComponent(date)}`).join('&');
  const answer = await root.get(`/Client?name=dated&${query}`);
  expect(answer.status, answer.text).toBe(200);
  return idsOf(answer).includes('dated');
};
const shifted = (milliseconds: number) => new Date(at.getTime() + milliseconds).toISOString();
const DAY = 24 * 60 * 60 * 1000;

describe('Dates in searches', () => {
  it('finds changes within all the time that a date covers', async () => {
    const iso = at.toISOString();
    for (const length of [4, 7, 10])
      expect(await finds(iso.slice(0, length)), iso.slice(0, length)).toBe(true);
    expect(await finds(`${iso.slice(0, 16)}Z`)).toBe(true);
    expect(await finds(`${iso.slice(0, 19)}Z`)).toBe(true);
    expect(await finds(iso)).toBe(true);
    expect(await finds(shifted(1))).toBe(false);
    expect(await finds(shifted(DAY).slice(0, 10))).toBe(false);
    expect(await finds('1999')).toBe(false);
  });

  it('compares with ge, le, gt and lt to the millisecond', async () => {
    expect(await finds(`ge${shifted(0)}`)).toBe(true);
    expect(await finds(`ge${shifted(1)}`)).toBe(false);
    expect(await finds(`gt${shifted(0)}`)).toBe(false);
    expect(await finds(`gt${shifted(-1)}`)).toBe(true);
    expect(await finds(`le${shifted(0)}`)).toBe(true);
    expect(await finds(`le${shifted(-1)}`)).toBe(false);
    expect(await finds(`lt${shifted(0)}`)).toBe(false);
    expect(await finds(`lt${shifted(1)}`)).toBe(true);
    expect(await finds(`gt${at.toISOString().slice(0, 10)}`)).toBe(false);
    expect(await finds(`le${at.toISOString().slice(0, 10)}`)).toBe(true);
  });

  it('accepts two dates as a span', async () => {
    expect(await finds(`ge${shifted(-1)}`, `lt${shifted(1)}`)).toBe(true);
    expect(await finds(`ge${shifted(-5)}`, `lt${shifted(0)}`)).toBe(false);
    expect(await finds(`gt${shifted(1)}`, `lt${shifted(-1)}`)).toBe(false);
  });

  it('accepts any zone, with its plus sign percent-encoded or not', async () => {
    const inZone = new Date(at.getTime() + 2 * 60 * 60 * 1000).toISOString().replace('Z', '+02:00');
    expect(await finds(inZone)).toBe(true);
    const bare = await root.get(`/Client?name=dated&_lastUpdated=${inZone}`);
    expect(idsOf(bare)).toEqual(['dated']);
    const west = new Date(at.getTime() - 5.5 * 60 * 60 * 1000).toISOString().replace('Z', '-05:30');
    expect(await finds(west)).toBe(true);
  });

  it.each([
    '',
    'x',
    'ge',
    '2026-13',
    '2026-02-30',
    '2026-01-01T25:00Z',
    '2026-01-01T00:61Z',
    '2026-1-1',
    '26',
    'ne2026',
    '2026-01-01T10:00:00',
    '20260101',
    '1767225600000',
    "2026' OR 1=1",
    '2026-01-01T00:00:00+99:00',
    'ge ge2026',
    '-1',
  ])('rejects an invalid date with 400: %j', async (date) => {
    for (const type of ['Client', 'Resource', 'AccessPolicy', 'Session']) {
      const answer = await root.get(`/${type}?_lastUpdated=${encodeURIComponent(date)}`);
      expectProblem(answer, 400, ['_lastUpdated']);
    }
    expectProblem(await root.get(`/Session?start=${encodeURIComponent(date)}`), 400, ['start']);
    expectProblem(await root.get(`/Session?end=${encodeURIComponent(date)}`), 400, ['end']);
  });

  it.each(['0001', '0000-01-01', '9999-12-31T23:59:59.999999999Z', 'gt9999'])(
    'accepts a date at the end of time: %s',
    async (date) => {
      expect(await finds(date)).toBe(false);
    },
  );
});
