export const POLICY_ENGINES = ['allow', 'rules'] as const;

export type PolicyEngine = (typeof POLICY_ENGINES)[number];

export const RULE_EFFECTS = ['allow', 'deny'] as const;

/** In each place a literal or `*`; operations are names or `*`. */
export interface Rule {
  effect: (typeof RULE_EFFECTS)[number];
  resource: string;
  identifier: string;
  operations: string[];
}

/** Which clients may do what on which resources. */
export interface Policy {
  id: string;
  version: number;
  createdAt: number;
  updatedAt: number;
  engine: PolicyEngine;
  /** For every client, instead of those that are linked. */
  everyone: boolean;
  /** Clients that a policy for everyone leaves out: only the start of the server writes any. */
  exceptIds: string[];
  clientIds: string[];
  /** Empty for the engine `allow`. */
  rules: Rule[];
}

/** The rule that the engine `allow` stands for: everything on every registered resource but the server's own types. */
export const ALLOW_ALL: Rule = { effect: 'allow', resource: '*', identifier: '*', operations: ['*'] };

/** Whether the policy counts for this client. */
export const appliesTo = (
  { everyone, exceptIds, clientIds }: Pick<Policy, 'everyone' | 'exceptIds' | 'clientIds'>,
  clientId: string,
): boolean => (everyone ? !exceptIds.includes(clientId) : clientIds.includes(clientId));

/** The rules that a policy amounts to, whichever its engine. */
export const rulesOf = (policy: Pick<Policy, 'engine' | 'rules'>): readonly Rule[] =>
  policy.engine === 'allow' ? [ALLOW_ALL] : policy.rules;
