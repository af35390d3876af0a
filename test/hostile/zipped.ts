import { type Zippable, zipSync } from 'fflate'

/** A zip archive with one time for all its files, so that a seed and a number make the same file again. */
export const zipped = (
  files: Zippable,
  options: { readonly level?: 0 | 6; readonly comment?: string } = {},
): Uint8Array => zipSync(files, { ...options, mtime: '1980-01-02' })
