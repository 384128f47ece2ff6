/** A token is not used in its last seconds: it must still be good when it arrives at the API. */
const MARGIN_SECONDS = 30;
const PATIENCE_MS = 10_000;

/** Answers a function that gives an access token: a new one only when there is none, or when it is about to end. */
export function createTokenSource(settings) {
  let token;
  let renewAt = 0;
  return async () => {
    if (Date.now() >= renewAt) {
      const answer = await requestToken(settings);
      token = answer.access_token;
      renewAt = Date.now() + (answer.expires_in - MARGIN_SECONDS) * 1000;
    }
    return token;
  };
}

/** Names no scope: the answer is the whole grant that this client has at the audience. */
async function requestToken({ tokenEndpoint, audience, clientId, clientSecret }) {
  const answer = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      audience,
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
    // A secret is for this address only.
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`No token: ${answer.status} ${body.error}: ${body.error_description}`);
  return body;
}
