export const POLICY_ENGINES = ['allow', 'rules'] as const;

export type PolicyEngine = (typeof POLICY_ENGINES)[number];

export const RULE_EFFECTS = ['allow', 'deny'] as const;

/** Resource and identifier are literals or `*`; operations are names or `*`. */
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
  description?: string | null;
  engine: PolicyEngine;
  /** Applies to every client instead of the linked ones. */
  everyone: boolean;
  /** Clients that a policy for everyone excludes; written only at the start of the server. */
  exceptIds: string[];
  clientIds: string[];
  /** Empty for the engine `allow`. */
  rules: Rule[];
  /** Since when it has denied something to everyone; set when it is stored, null if it does not. */
  deniesEveryoneSince?: number | null;
}

/** The rule of the engine `allow`: everything on every registered resource except the server's own types. */
export const ALLOW_ALL: Rule = { effect: 'allow', resource: '*', identifier: '*', operations: ['*'] };

/** Whether the policy applies to this client. */
export const appliesTo = (
  { everyone, exceptIds, clientIds }: Pick<Policy, 'everyone' | 'exceptIds' | 'clientIds'>,
  clientId: string,
): boolean => (everyone ? !exceptIds.includes(clientId) : clientIds.includes(clientId));

/** The effective rules of a policy, for either engine. */
export const rulesOf = (policy: Pick<Policy, 'engine' | 'rules'>): readonly Rule[] =>
  policy.engine === 'allow' ? [ALLOW_ALL] : policy.rules;
