/** The address of a file, as `pathToFileURL` of Node gives it, which pages have not. */
export const addressOf = (path: string): string =>
  // A drive, `C:\\`, is told from a path whose names hold backslashes.
  `file://${path.replaceAll(path.startsWith('/') ? /[%\\#?\n\r\t]/g : /[%#?\n\r\t]/g, encodeURIComponent)}`
