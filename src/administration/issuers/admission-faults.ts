import { Injectable } from '@nestjs/common';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { claimNameFault, claimValueFault } from '../../clients/federation/claim-demand.js';
import type { Fault } from '../../protocol/problem.js';
import { pinFault } from '../clients/federated-rules.js';
import { itemPath, memberPath } from '../documents/member-path.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';
import { templateId } from './issuer.dto.js';

/** Faults of the entries of `admits` besides their members: claims, pins, and templates that do not exist. */
@Injectable()
export class AdmissionFaults {
  constructor(private readonly clients: ClientsRepository) {}

  async of({ id, shared, pins, admits }: JsonObject): Promise<Fault[]> {
    const entries = (Array.isArray(admits) ? admits : []).map((entry: unknown) =>
      isObject(entry) ? entry : {},
    );
    const ids = entries.flatMap(({ template }) => templateId(template) ?? []);
    const existing = await this.clients.existing(ids);
    const issuer = { id: String(id), shared: shared === true, pins: namesIn(pins) };
    return entries.flatMap((entry, position) =>
      faultsOf(entry, issuer, existing).map(({ path, message }) => ({
        path: memberPath(itemPath('admits', position), path),
        message,
      })),
    );
  }
}

const namesIn = (pins: unknown): string[] =>
  Array.isArray(pins) ? pins.filter((pin): pin is string => typeof pin === 'string') : [];

function faultsOf(
  entry: JsonObject,
  issuer: { id: string; shared: boolean; pins: string[] },
  existing: ReadonlySet<string>,
): Fault[] {
  const faults: Fault[] = [];
  const claims = isObject(entry.claims) ? entry.claims : {};
  for (const [name, value] of Object.entries(claims)) {
    const message = claimNameFault(name) ?? claimValueFault(value);
    if (message !== undefined) faults.push({ path: memberPath('claims', name), message });
  }
  const pin = pinFault({ ...entry, subject: entry.subject ?? '**' }, issuer);
  if (pin !== undefined) faults.push({ path: 'claims', message: pin });
  if (entry.subject === undefined && Object.keys(claims).length === 0)
    faults.push({
      path: 'subject',
      message: 'or claims are required; write ** to admit every token of the issuer',
    });
  const template = templateId(entry.template);
  if (template !== undefined && !existing.has(template))
    faults.push({ path: 'template', message: `Client ${template} does not exist` });
  return faults;
}
