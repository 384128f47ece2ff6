import { expect, it } from 'vitest';
import { BundleBudget, MAX_BUNDLE_MS } from './bundle-budget.js';

it('ends a Bundle that takes too long, and says how far it came', () => {
  let now = 5;
  const budget = new BundleBudget(300, () => now);
  now += MAX_BUNDLE_MS;
  budget.require(120);
  now += 1;
  expect(() => budget.require(121)).toThrow(
    'nothing was written: 121 of 300 entries took 20 seconds; divide the Bundle into smaller ones',
  );
});
