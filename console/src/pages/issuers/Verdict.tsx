import { Check, X } from 'lucide-react';
import { Note } from '../../ui/State.tsx';
import type { Compared, Tried } from './tried.ts';

/** Whether the token would be accepted, and how it compares with each rule. */
export function Verdict({
  tried: { accepted, reasons = [], clients = [], warnings = [] },
}: {
  tried: Tried;
}) {
  return (
    <div className="stack">
      <Note
        tone={accepted ? 'good' : 'danger'}
        title={accepted ? 'It would be accepted' : 'It would be refused'}
      >
        {reasons.map((reason) => (
          <p key={reason}>{reason}</p>
        ))}
      </Note>
      <Warnings of={warnings} />
      {clients.flatMap(({ client, rules }) =>
        rules.map((rule) => (
          <div key={`${client.id} ${rule.rule}`} className="stack tight">
            <h3 className="row">
              <Fits fits={rule.fits} /> {client.id}, rule {rule.rule + 1}
            </h3>
            <ul className="stack tight small">
              {rule.subject !== undefined && <Line name="subject" compared={rule.subject} />}
              {(rule.claims ?? []).map(({ claim, ...compared }) => (
                <Line key={claim} name={claim} compared={compared} />
              ))}
            </ul>
            <Warnings of={rule.warnings} />
          </div>
        )),
      )}
    </div>
  );
}

export const Warnings = ({ of }: { of: string[] }) =>
  of.length === 0 ? null : (
    <Note tone="warn">
      {of.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
    </Note>
  );

const Fits = ({ fits }: { fits: boolean }) =>
  fits ? (
    <Check size={16} className="tick" aria-label="Fits:" />
  ) : (
    <X size={16} className="cross" aria-label="Does not fit:" />
  );

const Line = ({
  name,
  compared: { demanded, found, fits, reason },
}: {
  name: string;
  compared: Compared;
}) => (
  <li className="row">
    <Fits fits={fits} />
    <span className="break">
      <code>{name}</code> must be <code>{textOf(demanded)}</code>
      {!fits && (
        <>
          , is {found === undefined ? 'absent' : <code>{textOf(found)}</code>}
          {reason !== undefined && ` (${reason})`}
        </>
      )}
    </span>
  </li>
);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
