import { disconnected } from '../autodiff/disconnected'
import { checkTargets, sweep } from '../autodiff/vjp'
import { GraphError } from '../ir/errors'
import { requireList } from '../ir/names-of'
import { toposort } from '../ir/graph'
import { describe, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat, sameShape, showType } from '../ir/type'
import { zerosT } from '../ops/broadcast'
import { instantiate, standIn } from '../ops/region'
import { checkGradientOptions, type GradientOptions, type Gradients, gradients, pulled } from './gradient'

/**
 * Jacobian-vector products: how outputs change as `wrt` move along tangents, tensors of their shapes and dtypes. One tensor
 * for each output, of its shape and dtype: the sum over `wrt` of Jacobian · tangent. An output that does not depend on any
 * of `wrt` gets zeros. It is the gradient by its cotangent of the vector-Jacobian product, which is linear there, so that
 * it costs about as much as one: neither cotangents nor what only they need is computed. Throws a GraphError where an
 * output or a target is no float, where a tangent is of another type than its target, where a target is not reached (the
 * message says where the path broke), or where a `customGradient` is not linear in its cotangent.
 * Source: Christianson 1992; Townsend 2017, "A new trick for calculating Jacobian vector products".
 */
export function jvp<const Y extends readonly Tensor[]>(
  outputs: readonly [...Y],
  wrt: readonly Tensor[],
  tangents: readonly Tensor[],
  options: GradientOptions = {},
): Gradients<Y> {
  checkGradientOptions('jvp', options)
  return pushed('jvp', outputs, wrt, tangents, options) as never
}

export function pushed(
  op: string,
  outputs: readonly Tensor[],
  wrt: readonly Tensor[],
  tangents: readonly Tensor[],
  options: GradientOptions,
): Tensor[] {
  checkOutputs(op, outputs)
  checkTargets(op, wrt)
  checkVectors(op, 'tangent', wrt, tangents)
  const cotangents = outputs.map((y) => standIn('captured', y, y.origin, y))
  const back = sweep(toposort(outputs), outputs, cotangents, wrt, outputs[0]!)
  const reached = back.flatMap((g, i) => {
    if (!g && options.disconnected !== 'zeros') throw disconnected(op, outputs, wrt[i]!)
    return g ? [{ g, tangent: tangents[i]! }] : []
  })
  const pulledBack = reached.map(({ g }) => g)
  const along = sweep(toposort(pulledBack), pulledBack, reached.map((r) => r.tangent), cotangents, outputs[0]!) // prettier-ignore
  const found = along.map((t, i) => t ?? zerosT(outputs[i]!))
  checkLinear(op, found, new Set(cotangents))
  // A loop hands its cotangents on even where nothing reads them.
  return instantiate(found, new Map(cotangents.map((u) => [u, zerosT(u)])))
}

/** No result may still read a cotangent. Loops and choices may hold one that they do not read, and a barrier waits for it. */
function checkLinear(op: string, results: readonly Tensor[], cotangents: ReadonlySet<Tensor>): void {
  const seen = new Set(cotangents)
  const order = toposort(results)
  const reads = ({ op: { kind, waitsFor }, inputs }: Tensor): boolean =>
    kind !== 'region' && inputs.some((x, i) => seen.has(x) && !waitsFor?.includes(i))
  for (const t of order) if (reads(t)) seen.add(t)
  const fault = results.find((t) => seen.has(t))
  if (!fault) return
  let from = order.find((t) => seen.has(t) && t.inputs.some((x) => cotangents.has(x))) ?? fault
  while (from.origin.rule) from = from.origin.rule
  throw new GraphError(
    `${op}: the gradient rule of ${describe(from)} is not linear in its cotangent, so there is no Jacobian; ` +
      `a customGradient on the way must give its cotangent times something`,
  )
}

/**
 * Hessian-vector products of a scalar float loss: for each of `wrt` the sum over all of them of second derivatives times the
 * vector, which has its shape and dtype. It is the gradient of the gradient's product with the vectors and costs about
 * twice a gradient; no Hessian is built. A tensor that the gradient does not depend on gets zeros. Throws as `grad` does,
 * and where a vector is of another type than its tensor.
 * Source: Pearlmutter 1994.
 */
export function hvp<const W extends readonly Tensor[]>(
  loss: Tensor,
  wrt: readonly [...W],
  vectors: readonly Tensor[],
  options: GradientOptions = {},
): Gradients<W> {
  checkGradientOptions('hvp', options)
  checkTargets('hvp', wrt)
  checkVectors('hvp', 'vector', wrt, vectors)
  const first = gradients('hvp', loss, wrt, options)
  return pulled('hvp', first, vectors, wrt, { disconnected: 'zeros' }) as never
}

/** What derivatives are taken of must be floats. */
export function checkOutputs(op: string, outputs: readonly Tensor[]): void {
  if (!Array.isArray(outputs)) throw new GraphError(`${op}: outputs must be a list of tensors`)
  if (outputs.length === 0) throw new GraphError(`${op}: there are no outputs`)
  for (const y of outputs) {
    requireTensor(op, y)
    if (!isFloat(y.dtype)) throw new GraphError(`${op}: only floats have derivatives, an output is ${describe(y)}`)
  }
}

function checkVectors(op: string, what: string, wrt: readonly Tensor[], vectors: readonly Tensor[]): void {
  requireList(op, `${what}s`, vectors)
  if (wrt.length !== vectors.length)
    throw new GraphError(`${op}: ${wrt.length} tensors need as many ${what}s, got ${vectors.length}`)
  vectors.forEach((v, i) => {
    requireTensor(op, v)
    const t = wrt[i]!
    if (!sameShape(v.shape, t.shape) || v.dtype !== t.dtype)
      throw new GraphError(
        `${op}: ${what} ${i + 1} is ${showType(v)}, its tensor is ${describe(t)}; they must be equal`,
      )
  })
}
