/** Why an assertion is rejected: for the audit and the log; the caller gets the same response for every cause. */
export class AssertionRefusal extends Error {}

/** No key of the client has signed the assertion: the only rejection that counts as a failure. */
export class WrongSignature extends AssertionRefusal {}

/** It is meant for another server, or for another dialect of this one. */
export class WrongAudience extends AssertionRefusal {}
