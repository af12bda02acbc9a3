const PACKED = /\.(gz|zip|zst)$/i;

/** A path without the ending of what packs the file. */
export function withoutPacking(path: string): string {
  return path.replace(PACKED, '');
}

/**
 * What the refused rows of a file are called when they are given out: `flights/2013-02.csv.gz` → `2013-02.quarantined.csv`,
 * of letters, digits and a few signs only, since it goes into a header. A file that lands beside the first one under
 * this name is its correction.
 */
export function nameOfRefused(path: string, isJson: boolean): string {
  return nameOfCorrected(path.split('/').at(-1) ?? '', isJson).replaceAll(/[^A-Za-z0-9._-]/g, '_');
}

/** The same of a file's name, or the glob of such names. */
export function nameOfCorrected(packed: string, isJson: boolean): string {
  const name = withoutPacking(packed).replaceAll(/[^A-Za-z0-9._*?-]/g, '_');
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot < 1 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  return `${stem}.quarantined${isJson ? '.jsonl' : ending}`;
}

/** Whether a path is called as the refused rows of another file are. */
export function isCorrection(path: string): boolean {
  return /\.quarantined(\.[^./]*)?$/.test(withoutPacking(path));
}

/**
 * Whether a file is the correction of another one: it stands in the same folder, under the name that the rows got.
 * `inJson`: whether rows of such files are given out as JSON Lines; they may come back in the file's own format, too.
 */
export function corrects(correction: string, path: string, inJson: boolean): boolean {
  const folder = (text: string): string => text.slice(0, text.lastIndexOf('/') + 1);
  const name = withoutPacking(correction.slice(folder(correction).length));
  const names = [nameOfRefused(path, false), ...(inJson ? [nameOfRefused(path, true)] : [])];
  return folder(correction) === folder(path) && names.includes(name);
}
