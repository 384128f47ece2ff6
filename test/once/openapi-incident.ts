import type { Contract } from '../support/contract.js';

/** What an administrator asks about a client whose credential leaked, and how it gets a new secret. */
export async function replaceLeaked(
  contract: Contract,
  headers: Record<string, string>,
  at: { id: string },
): Promise<void> {
  await contract.call('GET', '/Client/{id}/$blast-radius', { at, headers });
  const { body } = await contract.call('POST', '/Client/{id}/$hand-over', { at, headers });
  await contract.call('GET', '/Client/{id}/$rotation', { at, headers });
  await contract.call('POST', '/hand-over', { body: { token: body.link.split('#')[1] } });
  for (const path of ['/hand-over', '/hand-over/open.js', '/hand-over/page.css'])
    await contract.call('GET', path);
}
