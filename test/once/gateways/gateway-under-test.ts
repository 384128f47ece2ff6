import type { Gateway } from '../../support/gateway.js';

/** One of the examples, and what is particular about it. */
export interface GatewayUnderTest {
  name: string;
  /** What it answers while Latchkey does not. */
  unavailable: number;
  /** What it answers to an address that it and the API may read differently. */
  ambiguous: number;
  start: (ports: { latchkey: number; api: number }) => Promise<Gateway>;
}
