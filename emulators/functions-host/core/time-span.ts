/** A length of time, with the text that it was read from. */
export interface TimeSpan {
  readonly milliseconds: number;
  readonly text: string;
}

/**
 * Reads `[d.]hh:mm:ss[.fff]`, as .NET writes a TimeSpan; undefined for other text.
 * Source: "Standard TimeSpan format strings", the constant format.
 */
export function parseTimeSpan(text: string): TimeSpan | undefined {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$/.exec(text.trim());
  if (match === null) {
    return undefined;
  }
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 5).map((part) => Number(part ?? 0));
  const fraction = Number(`0.${match[5] ?? '0'}`);
  return {
    milliseconds: Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds + fraction) * 1000),
    text: text.trim(),
  };
}
