export interface Run {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
  passedElsewhere?: number;
  failedFiles?: string[];
  failures?: string[];
  seconds?: number;
  unsteady?: string[];
}

export function runRepeated(
  name: string,
  options: { filters: string[] },
  run: (name: string, options: { filters: string[] }) => Promise<Run>,
): Promise<Run>;
