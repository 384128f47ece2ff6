import Negotiator from 'negotiator';

/**
 * Whether a request prefers this media type, named explicitly, to JSON (RFC 9110 12.5.1). Types are compared without
 * case and parameters, since neither response has any; only their weight matters.
 */
export function prefersToJson(accept: string, type: string): boolean {
  const plain = accept.toLowerCase();
  if (!plain.includes(type)) return false;
  const ranges = plain.split(',').map((range) => {
    const [name, ...parameters] = range.split(';');
    return [name, ...parameters.filter((parameter) => /^\s*q\s*=/.test(parameter))].join(';');
  });
  return new Negotiator({ headers: { accept: ranges.join(',') } }).mediaType([JSON_TYPE, type]) === type;
}

const JSON_TYPE = 'application/json';
