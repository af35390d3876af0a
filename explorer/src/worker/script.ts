import { transform } from 'sucrase'

/** What stacks call the text of the editor. */
export const MODEL_FILE = 'model.ts'

/**
 * TypeScript as the body of an async function of `require` and `exports`. Types are taken out and imports become calls, each where it
 * stood: lines are those of the text. Throws a SyntaxError with `loc` where it is no TypeScript.
 */
export const toScript = (text: string): string =>
  transform(text, { transforms: ['typescript', 'imports'], filePath: MODEL_FILE, production: true }).code
