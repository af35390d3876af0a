import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { currentTrace, withTurn } from '../../src/ir/trace'
import { identityT } from '../../src/ops/unary'

type Tensors = Record<string, Tensor>
export interface LoopOptions {
  readonly carry: Tensors
  readonly over?: Tensors
  readonly axis?: number
  readonly reverse?: boolean
  readonly length?: number
  readonly memory?: number
  readonly step: (carry: Tensors, slices: Tensors, place: Tensor) => { carry: Tensors; outputs?: Tensors }
}
/** A loop over slices: `scan`, or the same written out. */
export type Loop = (options: LoopOptions) => { readonly carry: Tensors; readonly outputs: Tensors }

const scan = loom.scan as unknown as Loop
/** What may be kept is at least what must be. */
export const scanned: Loop = (options) => {
  const draws = new Map(currentTrace()?.draws)
  try {
    return scan(options)
  } catch (error) {
    const least = /the gradient needs (\d+) bytes/.exec((error as Error).message)?.[1]
    if (least === undefined) throw error
    restore(draws)
    return scan({ ...options, memory: Number(least) })
  }
}

/** What a scan means: the step once for each place. Numbers drawn at random are those of the scan. */
export const unrolled: Loop = ({ carry, over = {}, axis = 0, reverse = false, length: given, step }) => {
  const length = given ?? Object.values(over)[0]!.shape.at(axis)!
  const places = Array.from({ length }, (_, i) => i)
  const rows = new Map<number, Tensors>()
  const draws = new Map(currentTrace()?.draws)
  let now: Tensors = carry
  for (const i of reverse ? [...places].reverse() : places) {
    const slices = map(over, (x) => sliceAt(x, axis, i))
    const before = map(now, identityT)
    const place = loom.constant(Int32Array.of(i), { shape: [] })
    restore(draws)
    const made = withTurn(place, () => step(before, slices, place))
    now = map(carry, (_, name) => made.carry[name]!)
    rows.set(i, made.outputs ?? {})
  }
  const outputs = map(rows.get(0)!, (_, name) => loom.stack(places.map((i) => rows.get(i)![name]!), { axis })) // prettier-ignore
  return { carry: map(now, identityT), outputs }
}

/** Every turn draws from the streams that the first one drew from. */
function restore(draws: ReadonlyMap<string, number>): void {
  const trace = currentTrace()
  if (!trace) return
  trace.draws.clear()
  for (const [path, count] of draws) trace.draws.set(path, count)
}

const map = (tensors: Tensors, to: (t: Tensor, name: string) => Tensor): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, to(t, name)]))

function sliceAt(x: Tensor, axis: number, place: number): Tensor {
  const at = axis < 0 ? axis + x.shape.length : axis
  return loom.slice(x, x.shape.map((_, i) => (i === at ? place : null))) // prettier-ignore
}
