import { RuntimeError } from '../ir/errors'

/** What a module of a package that need not be installed gives. Rejects with what the engine says where it is not there. */
export const importOptional = async (module: string): Promise<unknown> =>
  // Bundlers are to leave it alone: it need not be there.
  import(/* webpackIgnore: true */ /* @vite-ignore */ module)

/** A module of such a package. Rejects with a RuntimeError that says what is to be installed, for `what`. */
export async function loadPackage(module: string, what: string): Promise<unknown> {
  try {
    return await importOptional(module)
  } catch (cause) {
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(module)![0]
    throw new RuntimeError(`${what}: needs the package ${name}; install it by npm install ${name}`, { cause })
  }
}
