import { GraphError } from '../ir/errors'
import { type Callback, type HookName, HOOKS } from '../training/callback'

/** Functions by the names of hooks. */
export type LambdaCallbackOptions = Pick<Callback, HookName>

/** A callback of functions, each under the name of its hook. As `LambdaCallback` in Keras; unknown names are errors. */
export function lambdaCallback(hooks: LambdaCallbackOptions): Callback {
  if (typeof hooks !== 'object' || hooks === null)
    throw new GraphError('lambdaCallback: expected a record of functions by hook, such as { onEpochEnd: ... }')
  for (const [name, hook] of Object.entries(hooks)) {
    if (!(HOOKS as readonly string[]).includes(name))
      throw new GraphError(`lambdaCallback: there is no hook "${name}"; there are ${HOOKS.join(', ')}`)
    if (hook !== undefined && typeof hook !== 'function')
      throw new GraphError(`lambdaCallback: ${name} must be a function, it is ${typeof hook}`)
  }
  return { name: 'lambda_callback', ...hooks }
}
