/** Where the documents of each type that is edited as YAML have their pages. */
export const KINDS = {
  Client: { name: 'Clients', list: '/clients', page: '/clients/$id', edit: '/clients/$id/edit' },
  Resource: { name: 'Resources', list: '/resources', page: '/resources/$id', edit: '/resources/$id/edit' },
  AccessPolicy: { name: 'Policies', list: '/policies', page: '/policies/$id', edit: '/policies/$id/edit' },
  TrustedIssuer: {
    name: 'Trusted issuers',
    list: '/issuers',
    page: '/issuers/$id',
    edit: '/issuers/$id/edit',
  },
} as const;

export type Kind = keyof typeof KINDS;
