import { importOptional } from '../formats/package'

interface Prettier {
  format(text: string, options: object): Promise<string>
  resolveConfig(path: string): Promise<object | null>
}

// Beyond this a printer takes longer than anybody waits for, and nobody reads it.
const MOST = 2 ** 21

/**
 * The text of a module as prettier puts it, by the options that hold for its path, where that package is installed; else as
 * it is, which is readable too.
 */
export async function formatted(text: string, parser: 'babel' | 'typescript', path: string): Promise<string> {
  if (text.length > MOST) return text
  let prettier: Prettier
  try {
    prettier = (await importOptional('prettier')) as Prettier
  } catch {
    return text
  }
  const options = (await prettier.resolveConfig(path)) ?? { semi: false, singleQuote: true, printWidth: 120 }
  return prettier.format(text, { ...options, parser })
}
