import { useEffect, useState } from 'react';
import type { AuditDocument } from '../../api/documents.ts';
import { toYaml } from '../../api/yaml.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeBlock } from '../../ui/Code.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Difference } from '../../ui/Difference.tsx';
import { Facts } from '../../ui/Page.tsx';
import { Time } from '../../ui/Time.tsx';
import { Outcome } from './Outcome.tsx';

/** One event: action, agent and target, the changed members, and its place in the chain. */
export function AuditDialog({ event, close }: { event: AuditDocument | undefined; close: () => void }) {
  return (
    <Dialog broad title={event?.action ?? ''} open={event !== undefined} close={close}>
      {event !== undefined && <Content event={event} />}
      <div className="dialog-actions">
        <Button onClick={close}>Close</Button>
      </div>
    </Dialog>
  );
}

function Content({ event }: { event: AuditDocument }) {
  const { before, after, ...others } = event.detail ?? {};
  return (
    <>
      <Facts
        of={[
          ['When', <Time key="when" at={event.date} full />],
          ['Outcome', <Outcome key="outcome" outcome={event.outcome} />],
          ['By', event.agent?.client?.id ?? 'the server'],
          ['From', event.agent?.address],
          ['Client', event.client?.id],
          ['Target', event.target && `${event.target.resourceType}/${event.target.id}`],
          ['Place in the chain', event.sequence],
          ['Hash', <code key="hash">{event.hash}</code>],
          ['Hash before', <code key="previous">{event.previous_hash}</code>],
        ]}
      />
      {(before !== undefined || after !== undefined) && (
        <Difference label="What changed" before={before} after={after} />
      )}
      {Object.keys(others).length > 0 && <Details of={others} />}
    </>
  );
}

function Details({ of }: { of: Record<string, unknown> }) {
  const [text, setText] = useState('');
  useEffect(() => {
    void toYaml(of).then(setText);
  }, [of]);
  return <CodeBlock label="Details" text={text} />;
}
