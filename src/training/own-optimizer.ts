import type { CustomObjects } from '../layers/custom'
import { isOptimizerFactory } from '../optim/define'
import { optionsOf } from '../optim/spec'
import type { CompileArguments } from './arguments'

/** What `compile` takes from a file, with the optimiser of one's own that it names. */
export function withOwnOptimizer(given: CompileArguments, custom: CustomObjects): CompileArguments {
  const { className, config } = (given.optimizer ?? {}) as { readonly className?: string; readonly config?: unknown }
  const factory = Object.hasOwn(custom, String(className)) ? custom[className!] : undefined
  return isOptimizerFactory(factory) ? { ...given, optimizer: factory(optionsOf(config)) } : given
}
