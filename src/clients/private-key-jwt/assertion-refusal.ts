/** Why an assertion is not taken: for the audit and the log, since the caller gets one answer whatever the cause. */
export class AssertionRefusal extends Error {}

/** No key of the client has signed it: the only refusal of an assertion that counts as a failure. */
export class WrongSignature extends AssertionRefusal {}
