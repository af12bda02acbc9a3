const PACKED = /\.(gz|zip|zst)$/i;

/**
 * What the refused rows of a file are called when they are given out: `flights/2013-02.csv.gz` → `2013-02.quarantined.csv`,
 * of letters, digits and a few signs only, since it goes into a header. A file that lands beside the first one under
 * this name is its correction.
 */
export function nameOfRefused(path: string, isJson: boolean): string {
  const name = (path.split('/').at(-1) ?? '').replace(PACKED, '').replaceAll(/[^A-Za-z0-9._-]/g, '_');
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot < 1 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  return `${stem}.quarantined${isJson ? '.jsonl' : ending}`;
}

/** Whether a path is called as the refused rows of another file are. */
export function isCorrection(path: string): boolean {
  return /\.quarantined(\.[^./]*)?$/.test(path.replace(PACKED, ''));
}

/** Whether a file is the correction of another one: it stands in the same folder, under the name that the rows got. */
export function corrects(correction: string, path: string): boolean {
  const folder = (text: string): string => text.slice(0, text.lastIndexOf('/') + 1);
  return (
    folder(correction) === folder(path) &&
    correction.slice(folder(correction).length).replace(PACKED, '') === nameOfRefused(path, false)
  );
}
