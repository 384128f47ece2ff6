import type { ClientDocument } from '../../api/documents.ts';
import { quoted } from '../../ui/shell.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The first token in four languages, with the credentials in the environment, as `CLIENT_SECRET` or `ASSERTION`. */
export function snippetsOf(client: ClientDocument, origin: string): Record<string, string> {
  const audience = client.auth?.client_credentials?.audience?.[0];
  const parameters: [string, string][] = [
    ['grant_type', 'client_credentials'],
    ...(audience === undefined ? [] : [['audience', audience] as [string, string]]),
  ];
  const endpoint = `${origin}/auth/token`;
  const usesSecret = (client.secrets?.length ?? 0) > 0;
  return usesSecret ? bySecret(client.id, endpoint, parameters) : { curl: byAssertion(endpoint, parameters) };
}

/** As an argument of curl; what a shell or a form would read as something else is quoted and encoded. */
const field = (name: string, value: string): string =>
  /^[\w.:/~-]+$/.test(value) ? `-d ${name}=${value}` : `--data-urlencode ${quoted(`${name}=${value}`)}`;

const byAssertion = (endpoint: string, parameters: [string, string][]): string =>
  [
    `curl ${endpoint}`,
    ...parameters.map(([name, value]) => `  ${field(name, value)}`),
    `  -d client_assertion_type=${ASSERTION_TYPE}`,
    '  --data-urlencode client_assertion="$ASSERTION"',
  ].join(' \\\n');

function bySecret(id: string, endpoint: string, parameters: [string, string][]): Record<string, string> {
  return {
    curl: [
      `curl -u "${id}:$CLIENT_SECRET" ${endpoint}`,
      ...parameters.map(([name, value]) => `  ${field(name, value)}`),
    ].join(' \\\n'),
    'Node.js': `const basic = Buffer.from(\`${id}:\${process.env.CLIENT_SECRET}\`).toString('base64');
const response = await fetch('${endpoint}', {
  method: 'POST',
  headers: { authorization: \`Basic \${basic}\` },
  body: new URLSearchParams({
${parameters.map(([name, value]) => `    ${name}: '${value}',`).join('\n')}
  }),
});
const { access_token } = await response.json();`,
    Python: `import os, requests

response = requests.post(
    "${endpoint}",
    auth=("${id}", os.environ["CLIENT_SECRET"]),
    data={
${parameters.map(([name, value]) => `        "${name}": "${value}",`).join('\n')}
    },
)
response.raise_for_status()
access_token = response.json()["access_token"]`,
    Go: `config := clientcredentials.Config{ // golang.org/x/oauth2/clientcredentials
	ClientID:     "${id}",
	ClientSecret: os.Getenv("CLIENT_SECRET"),
	TokenURL:     "${endpoint}",${audience(parameters)}
}
client := config.Client(context.Background())`,
  };
}

function audience(parameters: [string, string][]): string {
  const value = parameters.find(([name]) => name === 'audience')?.[1];
  return value === undefined ? '' : `\n	EndpointParams: url.Values{"audience": {"${value}"}},`;
}
