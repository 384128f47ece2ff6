import type { ListedClient } from '../../../administration/difference/difference-totals.js';
import type { PolicyDifference } from '../../../administration/difference/policy-difference.js';
import type { Replay, ReplayedGroup } from '../../../administration/difference/request-replay.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { isoTime, present } from '../../../administration/documents/meta.js';
import { formatScope } from '../../../protocol/scope.js';

export const differenceView = ({ totals, replay }: PolicyDifference): JsonObject => {
  const clients = totals.listed.map(clientView);
  return present({
    lost: totals.lost,
    gained: totals.gained,
    clients_losing: totals.losing,
    clients_gaining: totals.gaining,
    complete: totals.isComplete,
    restricted: totals.isRestricted || undefined,
    clients,
    more_clients: totals.clients - clients.length || undefined,
    replay: replay && replayView(replay),
  });
};

const clientView = ({ id, name, lost, gained }: ListedClient): JsonObject =>
  present({
    client: { resourceType: 'Client', id },
    name: name ?? undefined,
    lost: lost.items,
    more_lost: lost.total - lost.items.length || undefined,
    gained: gained.items,
    more_gained: gained.total - gained.items.length || undefined,
  });

const replayView = (replay: Replay): JsonObject =>
  present({
    start: isoTime(replay.start),
    end: isoTime(replay.end),
    complete: replay.readFrom <= replay.start && replay.undecided === 0,
    read_from: replay.readFrom > replay.start ? isoTime(replay.readFrom) : undefined,
    restricted: replay.isRestricted || undefined,
    requests: replay.requests,
    ...replay.counts,
    refused_already: replay.refusedAlready,
    undecided: replay.undecided || undefined,
    groups: replay.groups.map(groupView),
    more_groups: replay.moreGroups || undefined,
  });

const groupView = ({
  clientId,
  request,
  outcome,
  lost,
  error,
  count,
  last,
  address,
}: ReplayedGroup): JsonObject =>
  present({
    client: { resourceType: 'Client', id: clientId },
    outcome,
    requests: count,
    type: request.type,
    dialect: request.dialect,
    scope: request.scope === null ? undefined : formatScope(request.scope),
    audience: request.audience,
    lost: formatScope(lost),
    error: error?.code,
    error_description: error?.description,
    last: isoTime(last),
    address: address ?? undefined,
  });
