import { Injectable } from '@nestjs/common';
import type { OwnType } from '../../../packages/protocol/src/own-type.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { isId } from '../../protocol/identifier.js';
import type { Caller } from '../access/permissions.js';
import { permission } from '../access/permits.js';
import { type Writer, Writers } from '../access/writer.js';
import type { JsonObject } from '../documents/merge-patch.js';
import type { Stored } from '../documents/stored.js';
import { ConfigurationSteps } from './configuration-steps.js';
import type { ConfigurationType } from './configuration-type.js';
import type { Preconditions } from './preconditions.js';
import { NOTHING_ELSE, type Reference, type Removal } from './removal.js';
import { mayRead } from './unseen.js';

/** What a dry run would delete, and what the caller should know before. */
export interface Rehearsal {
  target: Reference | undefined;
  removal: Removal;
  notes: JsonObject;
}

/**
 * Deletes configuration of any type. Deleting what does not exist succeeds, so that a deletion can be repeated. A dry
 * run is judged and carried out like a real deletion, and rolled back.
 */
@Injectable()
export class ConfigurationDeletions {
  constructor(
    private readonly writers: Writers,
    private readonly revision: ConfigurationRevision,
    private readonly steps: ConfigurationSteps,
  ) {}

  async remove<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    id: string,
    preconditions: Preconditions,
  ): Promise<Removal> {
    if (!(await exists(type, id))) return NOTHING_ELSE;
    const { removal } = await this.revision.change(type.kindsOfRemoval, () =>
      this.carryOut(type, caller, id, preconditions),
    );
    await type.settle(null);
    return removal;
  }

  async rehearse<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    id: string,
    preconditions: Preconditions,
  ): Promise<Rehearsal> {
    if (!(await exists(type, id))) return { target: undefined, removal: NOTHING_ELSE, notes: {} };
    const notes = await type.notesOfRemoval(id);
    try {
      return await this.revision.change(type.kindsOfRemoval, async () => {
        throw new DryRunEnded(await this.carryOut(type, caller, id, preconditions));
      });
    } catch (error) {
      if (!(error instanceof DryRunEnded)) throw error;
      const { removal, writer } = error.carriedOut;
      const isKnown = writer !== undefined && mayLearnNotes(writer, type.name, id);
      return { target: { resourceType: type.name, id }, removal, notes: isKnown ? notes : {} };
    }
  }

  private async carryOut<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    id: string,
    preconditions: Preconditions,
  ): Promise<CarriedOut> {
    const writer = await this.writers.require(caller, type.name, id, 'delete');
    const current = await type.find(id);
    if (!current) return { removal: NOTHING_ELSE };
    preconditions.assertHold(current.version);
    return { removal: await this.steps.remove(type, caller, writer, current), writer };
  }
}

interface CarriedOut {
  removal: Removal;
  /** Absent if there was nothing to delete. */
  writer?: Writer;
}

/** A caller that may create the id learns the notes from the response to that. */
const mayLearnNotes = (writer: Writer, type: OwnType, id: string): boolean =>
  mayRead(writer, type, id) || writer.holdings.may(permission(type, id, 'create'));

/** Rolls back the transaction of a dry run. */
class DryRunEnded extends Error {
  constructor(readonly carriedOut: CarriedOut) {
    super('the deletion was a dry run');
  }
}

const exists = async <T extends Stored, P>(type: ConfigurationType<T, P>, id: string): Promise<boolean> =>
  isId(id) && (await type.find(id)) !== null;
