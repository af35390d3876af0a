import { entry, tensor } from '../api/entry'
import type { Entry, Spec } from '../api/types'
import { flopsByScope } from '../compile/flops'
import type { Tensor } from '../ir/tensor'
import { forwardNamed, makeNaming } from '../layers/pass'
import { trainerOf } from '../training/methods'
import type { AnyModel } from './model'

/** Counts the work of a layer, with all that is inside of it, by its path: names from the model inwards, joined by '/'. */
export type FlopsOf = (path: string) => number | undefined

/**
 * The work of a forward pass of one sample, by layer. Where extents besides the batch are open it depends on them: they are all
 * `openExtent`, and without one nothing is known.
 */
export function forwardFlops(what: string, model: AnyModel, openExtent?: number): FlopsOf {
  const run = trainerOf(what, model).model
  const isOpen = run.inputs.some((x) => x.shape.slice(1).includes(null))
  if (isOpen && openExtent === undefined) return () => undefined
  const specs = run.inputs.map((x, i): [string, Spec] => {
    const extents = x.shape.map((d, axis) => d ?? (axis === 0 ? 1 : openExtent!))
    return [run.inputNames[i]!, tensor(extents, x.dtype)]
  })
  const samples = run.inputs[0]?.shape[0] ?? 1
  const whole: Entry = entry(Object.fromEntries(specs), (feeds) => {
    const given = run.inputNames.map((name) => (feeds as Readonly<Record<string, Tensor>>)[name]!)
    const { result, updates } = forwardNamed({}, makeNaming(), () => run.run(given))
    return { outputs: Object.fromEntries(result.map((y, i) => [`y${i}`, y])), updates } as never
  })
  const scopes = [...flopsByScope(whole)]
  const count = (fits: (scope: string) => boolean): number =>
    scopes.reduce((sum, [scope, flops]) => (fits(scope) ? sum + flops : sum), 0) / samples
  return (path) => count((scope) => path === '' || scope === path || scope.startsWith(`${path}/`))
}
