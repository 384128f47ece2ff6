import { describe, expect, it, vi } from 'vitest';
import { BodyBudget } from './body-budget.js';

const aBody = () => ({ destroy: vi.fn() });

describe('BodyBudget', () => {
  it('closes the oldest body once too many bytes are held (fault B7)', () => {
    const budget = new BodyBudget(10);
    const [first, second, third] = [aBody(), aBody(), aBody()];
    budget.hold(first as never, 4);
    budget.hold(second as never, 4);
    budget.hold(first as never, 2);
    expect(first.destroy).not.toHaveBeenCalled();
    budget.hold(third as never, 1);
    expect(first.destroy).toHaveBeenCalledOnce();
    expect(second.destroy).not.toHaveBeenCalled();
    budget.hold(third as never, 5);
    expect(second.destroy).not.toHaveBeenCalled();
    budget.hold(third as never, 1);
    expect(second.destroy).toHaveBeenCalledOnce();
  });

  it('forgets a complete body (fault B7)', () => {
    const budget = new BodyBudget(10);
    const [first, second] = [aBody(), aBody()];
    budget.hold(first as never, 9);
    budget.release(first as never);
    budget.release(first as never);
    budget.hold(second as never, 10);
    expect(first.destroy).not.toHaveBeenCalled();
    expect(second.destroy).not.toHaveBeenCalled();
  });
});
