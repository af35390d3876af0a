import { GraphError } from '../ir/errors'
import type { AnyLayer } from './layer'
import { currentPass, type Pass, withPass } from './pass'
import { title } from './title'

/**
 * The pass of a layer that is called now. One that another layer calls without it being a part of that is hidden: whatever it
 * calls in turn belongs to no model.
 */
export function calledPass(layer: AnyLayer): Pass {
  const outer = currentPass()
  const { caller } = outer
  const isHidden = caller && caller !== layer && !Object.values(caller.state.parts).includes(layer)
  const hidden = isHidden ? { caller, layer } : outer.hidden
  return { ...outer, caller: layer, ...(hidden ? { hidden } : {}) }
}

/** Runs what a layer calls: one that is within another may have called it. */
export const calledBy = <T>(caller: AnyLayer, body: () => T): T => withPass({ ...currentPass(), caller }, body)

/** Runs what a model is made of: it has the layers that it calls. */
export const inModel = <T>(body: () => T): T => {
  const { caller: _, ...pass } = currentPass()
  return withPass(pass, body)
}

/** Throws where a weight is asked for that no model would have. */
export function refuseHidden(): void {
  const { hidden } = currentPass()
  if (!hidden) return
  throw new GraphError(
    `${title(hidden.caller)}: its function calls ${title(hidden.layer)}, whose weights would be neither trained nor saved; ` +
      `call that layer outside of it, or write a layer with defineLayer that gives it among its parts`,
  )
}
