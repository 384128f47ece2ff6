import { V7Generator } from 'uuidv7';
import { randomUint32 } from './random.js';

const generator = new V7Generator({ nextUint32: randomUint32 });

/**
 * A UUID of version 7, greater than all that this process made before, unless the clock goes back by more than ten
 * seconds (RFC 9562 5.7, 6.2).
 */
export const timeOrderedId = (): string => generator.generate().toString();
