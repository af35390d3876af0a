import { GraphError } from '../ir/errors'
import { checkFlags } from '../ir/names-of'
import { describe, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { broadcastShapes, isFloat, sameShape } from '../ir/type'
import { broadcastT, zerosT } from '../ops/broadcast'
import type { StepOptions } from './recurrent-options'

export interface Steps {
  /** The axis of the steps. */
  readonly axis: 0 | 1
  readonly batch: number
}

export function checkedSteps(op: string, x: Tensor, options: StepOptions): Steps {
  requireTensor(op, x)
  const { timeMajor = false, mask, lengths } = options
  checkFlags(op, options, ['timeMajor', 'reverse', 'zeroOutputForMask'])
  const order = timeMajor ? '[steps, batch, ...]' : '[batch, steps, ...]'
  if (x.shape.length < 2) throw new GraphError(`${op}: x must be ${order}, it is ${describe(x)}`)
  const axis = timeMajor ? 0 : 1
  const batch = x.shape[1 - axis]!
  const head = x.shape.slice(0, 2)
  if (mask !== undefined) checkPart(op, 'mask', mask, 'bool', head, `the first two axes of ${describe(x)}`)
  if (lengths !== undefined) checkPart(op, 'lengths', lengths, 'int32', [batch], `the batch of ${describe(x)}`)
  if (mask !== undefined && lengths !== undefined)
    throw new GraphError(`${op}: a mask and lengths are given; lengths are a mask that is true before them, give one`)
  return { axis, batch }
}

/** A tensor of one dtype and shape; null stands for any extent. */
export function checkPart(
  op: string,
  name: string,
  part: unknown,
  dtype: Tensor['dtype'],
  shape: readonly (number | null)[],
  reason?: string,
): asserts part is Tensor {
  const fits =
    isTensor(part) && part.dtype === dtype && sameShape(part.shape, shape.map((d, i) => d ?? part.shape[i] ?? -1)) // prettier-ignore
  if (fits) return
  const want = `${dtype}[${shape.map((d) => d ?? '?').join(', ')}]`
  const got = isTensor(part) ? describe(part) : part === undefined ? 'missing' : typeof part
  throw new GraphError(`${op}: ${name} must be ${want}${reason ? `, ${reason}` : ''}; it is ${got}`)
}

/** Float features of one step or of many. */
export function checkFeatures(op: string, x: Tensor, rank: number, form: string): void {
  requireTensor(op, x)
  if (!isFloat(x.dtype) || x.shape.length !== rank)
    throw new GraphError(`${op}: x must be floats ${form}, it is ${describe(x)}`)
}

export function checkBatch(op: string, name: string, t: Tensor, batch: number): void {
  if (t.shape[0] !== batch)
    throw new GraphError(
      `${op}: under a mask ${name} must have the batch of ${batch} as first axis, it is ${describe(t)}`,
    )
}

/** First values of a state by name: those given, stretched to their shape, or zeros. */
export function firstState<const N extends string>(
  op: string,
  names: readonly N[],
  given: Readonly<Partial<Record<N, unknown>>> | undefined,
  like: { readonly dtype: Tensor['dtype']; readonly shape: readonly number[] },
  what = 'initialState',
): Readonly<Record<N, Tensor>> {
  if (given !== undefined && (typeof given !== 'object' || isTensor(given)))
    throw new GraphError(`${op}: ${what} must be a record { ${names.join(', ')} }`)
  for (const name of Object.keys(given ?? {}))
    if (!names.includes(name as N))
      throw new GraphError(`${op}: ${what} has "${name}"; the state is { ${names.join(', ')} }`)
  const first = names.map((name) => {
    const t = given ? given[name] : zerosT(like)
    const met = isTensor(t) && t.dtype === like.dtype && broadcastShapes(t.shape, like.shape)
    if (!met || !sameShape(met, like.shape))
      checkPart(op, `${what}.${name}`, t, like.dtype, like.shape, 'or stretch to it')
    return [name, broadcastT(t, like.shape)]
  })
  return Object.fromEntries(first) as Record<N, Tensor>
}
