import { type ComponentProps, type ReactNode, useId } from 'react';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  fault?: string | undefined;
}

function Field({
  label,
  hint,
  fault,
  children,
}: FieldProps & { children: (parts: { id: string; 'aria-describedby': string | undefined }) => ReactNode }) {
  const id = useId();
  const described = hint !== undefined || fault !== undefined ? `${id}-about` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': described })}
      {described !== undefined && (
        <div id={described} className={fault === undefined ? 'hint' : 'fault'}>
          {fault ?? hint}
        </div>
      )}
    </div>
  );
}

export function TextField({ label, hint, fault, ...rest }: FieldProps & ComponentProps<'input'>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(parts) => (
        <input className="input" autoComplete="off" {...rest} {...parts} aria-invalid={fault !== undefined} />
      )}
    </Field>
  );
}

export function TextArea({ label, hint, fault, ...rest }: FieldProps & ComponentProps<'textarea'>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(parts) => (
        <textarea
          className="input"
          spellCheck={false}
          {...rest}
          {...parts}
          aria-invalid={fault !== undefined}
        />
      )}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  fault,
  options,
  ...rest
}: FieldProps & ComponentProps<'select'> & { options: Record<string, string> }) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(parts) => (
        <select className="input" {...rest} {...parts}>
          {Object.entries(options).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
