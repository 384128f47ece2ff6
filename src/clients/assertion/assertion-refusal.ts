/** Why an assertion is not taken: for the log alone, since the client is told the same whatever the cause. */
export class AssertionRefusal extends Error {}
