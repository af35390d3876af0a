import type { Affine, Axis } from '../ir/affine'
import { type Scalar, walk } from '../ir/scalar'
import type { FlatKernel } from './flat'

/** From so many kernels on it pays to look for those of equal structure. */
export const MANY_KERNELS = 32

/**
 * A text that two kernels share exactly if they do the same to different buffers: extents, positions, arithmetic and
 * dtypes, with axes, buffers and accumulators by number. Repeated layers then need one function between them. Loops that
 * an op gave have none, nor has what runs in a loop.
 */
export function structureOf(kernel: FlatKernel): string | undefined {
  if (kernel.loops || isInLoop(kernel)) return undefined
  const { axes, reduceAxes, accumulators, params, stores } = kernel
  const axisNumber = new Map<Axis, number>([...axes, ...reduceAxes].map((a, i) => [a, i]))
  const paramNumber = new Map(params.map((p, i) => [p, i]))
  const affine = (a: Affine): string => {
    let text = String(a.base)
    for (const [axis, k] of a.terms) text += `+${k}x${axisNumber.get(axis)}`
    return text
  }
  const ids = new Map<Scalar, number>()
  const describe = (s: Scalar): string => {
    switch (s.kind) {
      case 'call':
        return `${s.fn}:${s.dtype}(${s.args.map((a) => ids.get(a)).join()})`
      case 'element':
        return `p${paramNumber.get(s.from)}[${affine(s.at.index)}${s.at.offset ? `+s${ids.get(s.at.offset)}` : ''}]`
      case 'const':
        return `${s.dtype}:${Object.is(s.value, -0) ? '-0' : s.value}`
      case 'axis':
        return `x${axisNumber.get(s.axis)}`
      case 'acc':
        return `a${accumulators.indexOf(s.of)}`
      case 'load':
      case 'local':
        throw new Error(`a ${s.kind} has no place in a flat kernel`)
    }
  }
  const parts: string[] = []
  const offsets = stores.flatMap((s) => (s.scatter ? [s.scatter.offset] : []))
  for (const s of walk([...accumulators.map((a) => a.body), ...stores.map((store) => store.value), ...offsets])) {
    parts.push(describe(s))
    ids.set(s, ids.size)
  }
  return [
    axes.map((a) => a.extent).join(),
    reduceAxes.map((a) => a.extent).join(),
    params.map((p) => p.buffer.dtype + p.access + p.buffer.shape.length).join(),
    parts.join(';'),
    accumulators
      .map((a) => `${a.combine}${a.dtype}${a.init}=${ids.get(a.body)}${a.of ? `@${accumulators.indexOf(a.of)}` : ''}`)
      .join(';'),
    stores
      .map(({ to, at, value, scatter }) => {
        // What is scattered begins with one value in the whole result.
        const falls = scatter
          ? `+s${ids.get(scatter.offset)} in ${affine(scatter.start)}+${scatter.size} by ${scatter.slab} ${scatter.combine} from ${scatter.init}${scatter.isSparse ? ' sparse' : ''}`
          : ''
        return `${paramNumber.get(to)}[${affine(at)}${falls}]=${ids.get(value)}`
      })
      .join(';'),
  ].join('|')
}

/** What a loop moves is told where the loop is, and so has a function of its own. */
function isInLoop({ accumulators, stores }: FlatKernel): boolean {
  const moves = ({ terms }: Affine): boolean => [...terms.keys()].some((axis) => axis.kind === 'time')
  if (stores.some((s) => moves(s.at))) return true
  const offsets = stores.flatMap((s) => (s.scatter ? [s.scatter.offset] : []))
  return walk([...accumulators.map((a) => a.body), ...stores.map((s) => s.value), ...offsets]).some(
    (s) => (s.kind === 'axis' && s.axis.kind === 'time') || (s.kind === 'element' && moves(s.at.index)),
  )
}
