/**
 * Writes a number by a format of .NET in the invariant culture: F, N, D, P with a count of digits, or a custom format
 * of `0`, `#`, `,`, `.` and `%`.
 * @returns nothing for a format that is none of these.
 */
export function formatNumber(value: number, format: string): string | undefined {
  const standard = /^([FNDP])(\d{0,2})$/i.exec(format);
  if (standard !== null) {
    const [, letter = '', count = ''] = standard;
    const digits = count === '' ? 2 : Number(count);
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    switch (letter.toUpperCase()) {
      case 'F':
        return write(value, { ...fixed, useGrouping: false });
      case 'N':
        return write(value, fixed);
      case 'P':
        return `${write(value * 100, fixed)} %`;
      default:
        if (!Number.isInteger(value)) return undefined;
        return (value < 0 ? '-' : '') + String(Math.abs(value)).padStart(Number(count === '' ? 1 : count), '0');
    }
  }
  const custom = /^([#0,]*)(?:\.([#0]*))?(%?)$/.exec(format);
  if (custom === null || format === '') return undefined;
  const [, whole = '', fraction = '', percent = ''] = custom;
  const written = write(percent === '' ? value : value * 100, {
    useGrouping: whole.includes(','),
    minimumIntegerDigits: Math.max(1, whole.replace(/[^0]/g, '').length),
    minimumFractionDigits: fraction.lastIndexOf('0') + 1,
    maximumFractionDigits: fraction.length,
  });
  return (whole.includes('0') ? written : written.replace(/^(-?)0(?=\.|$)/, '$1')) + percent;
}

function write(value: number, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat('en-US', { ...options, roundingMode: 'halfExpand' }).format(value);
}
