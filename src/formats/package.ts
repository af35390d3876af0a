import { RuntimeError } from '../ir/errors'

/** A package that need not be installed. Rejects with a RuntimeError that says what is to be installed, for `what`. */
export async function loadPackage(name: string, what: string): Promise<unknown> {
  try {
    // Bundlers are to leave it alone: it need not be there.
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ name)
  } catch (cause) {
    throw new RuntimeError(`${what}: needs the package ${name}; install it by npm install ${name}`, { cause })
  }
}
