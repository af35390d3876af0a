/**
 * A file is not what it should be: truncated, of another kind, or one that claims what cannot be. `format` names what was
 * being read, `at` the place: a byte, a key or the name of an entry. Nothing was loaded.
 */
export class FormatError extends Error {
  override readonly name: string = 'FormatError'
  constructor(
    readonly format: string,
    message: string,
    readonly at?: number | string,
    options?: ErrorOptions,
  ) {
    super(`${format}: ${message}`, options)
  }
}

export { quoted } from '../ir/names-of'
