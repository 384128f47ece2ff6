const PATIENCE_MS = 10_000;

/** Asks the World Mappers API for the way; answers its steps. */
export async function getDirections({ apiUrl }, token, destination) {
  const address = new URL('/api/directions', apiUrl);
  address.searchParams.set('destination', destination);
  const answer = await fetch(address, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`No directions: ${answer.status} ${body.error}: ${body.error_description}`);
  return body;
}
