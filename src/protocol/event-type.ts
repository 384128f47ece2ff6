/** The types of events that a webhook receiver gets; docs/events.md describes each of them. */
export const EVENT_TYPES = [
  'secret.expiring',
  'client.expiring',
  'signing_key.expiring',
  'client.unused',
  'quota.reached',
  'refusals.spiked',
  'signing_key.rotated',
  'configuration.changed',
  'session.reuse_detected',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];
