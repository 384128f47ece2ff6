import { describe, expect, it } from 'vitest';
import { Cells, Count, Distribution } from './cells.js';
import { exposeMetrics, mergeCounts } from './exposition.js';
import { Metrics } from './metrics.js';

const own = (text: string) => text.split('\n').filter((line) => line.startsWith('test_'));

describe('Cells', () => {
  it('are one for equal labels, in whatever order', () => {
    const cells = new Cells(() => new Count());
    cells.bind({ a: '1', b: '2' }).add();
    cells.bind({ b: '2', a: '1' }).add();
    cells.bind({ a: '12', b: '' }).add();
    expect(cells.all().map(({ labels, cell }) => [labels, cell.value])).toEqual([
      [{ a: '1', b: '2' }, 2],
      [{ a: '12', b: '' }, 1],
    ]);
  });

  it('put a value into the first bucket whose bound is not below it', () => {
    const distribution = new Distribution([1, 2]);
    for (const value of [0, 1, 1.5, 2, 2.1]) distribution.observe(value);
    expect([...distribution.counts]).toEqual([2, 2, 1]);
    expect(distribution.sum).toBeCloseTo(6.6);
  });
});

describe('Metrics', () => {
  it('expose counters, cumulated histograms and gauges', async () => {
    const metrics = await Metrics.open();
    metrics
      .counter({ name: 'test_total', help: 'x', labels: ['kind'] })
      .bind({ kind: 'a' })
      .add();
    metrics.histogram({ name: 'test_seconds', help: 'x' }, [1, 2]).bind().observe(1.5);
    metrics.gauge({ name: 'test_length', help: 'x' }, () => 7);
    expect(own(await exposeMetrics([await metrics.families()]))).toEqual([
      'test_total{kind="a"} 1',
      'test_seconds_bucket{le="1"} 0',
      'test_seconds_bucket{le="2"} 1',
      'test_seconds_bucket{le="+Inf"} 1',
      'test_seconds_sum 1.5',
      'test_seconds_count 1',
      'test_length 7',
    ]);
  });

  it('leave out a value that is absent or cannot be read', async () => {
    const metrics = await Metrics.open();
    metrics.gauge({ name: 'test_absent', help: 'x' }, () => undefined);
    metrics.gauge({ name: 'test_failed', help: 'x' }, () => Promise.reject(new Error('no database')));
    metrics.gauge({ name: 'test_nothing', help: 'x' }, () => Number.NaN);
    expect(own(await exposeMetrics([await metrics.families()]))).toEqual([]);
  });

  it('of several processes are aggregated, and only counts outlive a process', async () => {
    const process = async () => {
      const metrics = await Metrics.open();
      metrics.counter({ name: 'test_total', help: 'x' }).bind().add();
      metrics.histogram({ name: 'test_seconds', help: 'x' }, [1]).bind().observe(3);
      metrics.gauge({ name: 'test_length', help: 'x' }, () => 2);
      metrics.gauge({ name: 'test_up', help: 'x', aggregator: 'min' }, () => 1);
      return metrics.families();
    };
    const ended = await mergeCounts(await process(), await process());
    expect(own(await exposeMetrics([ended, await process(), await process()]))).toEqual([
      'test_total 4',
      'test_seconds_bucket{le="1"} 0',
      'test_seconds_bucket{le="+Inf"} 4',
      'test_seconds_sum 12',
      'test_seconds_count 4',
      'test_length 4',
      'test_up 1',
    ]);
  });
});
