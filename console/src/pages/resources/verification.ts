import type { ResourceDocument } from '../../api/documents.ts';

/** How an API of this resource, or the gateway in front of it, checks a token. */
export function verificationOf(
  { id, audience, uri, operations }: ResourceDocument,
  origin: string,
): Record<string, string> {
  const scope = `${id}:1:${operations?.[0]?.name ?? 'read'}`;
  const named = audience ?? uri ?? '';
  const question = `scope=${encodeURIComponent(scope)}&audience=${encodeURIComponent(named)}`;
  return {
    curl: `curl -i "${origin}/auth/verify?${question}" \\\n  -H "Authorization: Bearer $TOKEN"`,
    nginx: `location /api/ {
    auth_request /_verify;
    proxy_pass http://api;
}
location = /_verify {
    internal;
    proxy_pass ${origin}/auth/verify?${question};
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
}`,
    Caddy: `forward_auth ${origin} {
    uri /auth/verify?${question}
    header_up Host {upstream_hostport}
    copy_headers X-Client-Id X-Scope X-Session-Id
}`,
    Traefik: `http:
  middlewares:
    latchkey:
      forwardAuth:
        address: ${origin}/auth/verify?${question}
        authResponseHeaders: [X-Client-Id, X-Scope, X-Session-Id]`,
    'Node.js': `import { createGuard } from '@latchkey/guard';

const guard = createGuard({ issuer: '${origin}/', audience: '${named}' });`,
  };
}
