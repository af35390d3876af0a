import { GraphError } from '../ir/errors'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { sameShape } from '../ir/type'
import { addT, mulT, subT } from '../ops/arith'
import { contractT } from '../ops/contract'
import { concatT, partT } from '../ops/pieces'
import { like, sigmoidT, tanhT } from '../ops/unary'
import { named } from './leaf'
import { type Projections, wholeBias } from './recurrent-weights'

/** From values to values of the same shape and dtype. */
export type Activation = (x: Tensor) => Tensor

export interface Activations {
  readonly activation: Activation
  readonly recurrentActivation: Activation
}

export function activationsOf(
  op: string,
  given: { readonly activation?: Activation; readonly recurrentActivation?: Activation },
): Activations {
  const checked =
    (name: string, f: Activation): Activation =>
    (x) => {
      if (typeof f !== 'function')
        throw new GraphError(`${op}: ${name} must be a function of a tensor, it is ${String(f)}`)
      const y: unknown = f(x)
      if (!isTensor(y) || y.dtype !== x.dtype || !sameShape(y.shape, x.shape))
        throw new GraphError(
          `${op}: ${name} must keep shape and dtype; of ${describe(x)} it makes ${isTensor(y) ? describe(y) : String(y)}`,
        )
      return y
    }
  return {
    activation: checked('activation', given.activation ?? tanhT),
    recurrentActivation: checked('recurrentActivation', given.recurrentActivation ?? sigmoidT),
  }
}

const product = (x: Tensor, kernel: Tensor): Tensor => contractT(x, kernel, { a: [0, 1], b: [1, 2], out: [0, 2] })

/** x by the kernels of all gates, side by side: times one factor before that, or times one for each gate. */
export function gatewise(
  x: Tensor,
  kernel: Tensor,
  factors: readonly Tensor[] | undefined,
  by: (x: Tensor, kernel: Tensor) => Tensor,
  axis = x.shape.length - 1,
): Tensor {
  if (!factors) return by(x, kernel)
  if (factors.length === 1) return by(mulT(x, factors[0]!), kernel)
  const kernels = gatesOf(kernel, factors.length)
  return concatT(factors.map((factor, k) => by(mulT(x, factor), kernels[k]!)), axis) // prettier-ignore
}
const projected = (x: Tensor, kernel: Tensor, factors?: readonly Tensor[]): Tensor =>
  gatewise(x, kernel, factors, product)
const plus = (x: Tensor, bias: Tensor | undefined): Tensor => (bias ? addT(x, bias) : x)
/** What each gate gets of a projection for all of them, side by side along an axis, the last by default. */
export const gatesOf = (z: Tensor, count: number, axis = z.shape.length - 1): Tensor[] => {
  const size = z.shape[axis]! / count
  return Array.from({ length: count }, (_, k) => partT(z, axis, k * size, size))
}

// The projections lie outside of what is repeated: they are prepared once, and the steps only read them.

/** activation(x K + h R + b) */
export function simpleStep(p: Projections, { activation }: Activations) {
  const bias = wholeBias(p)
  return (x: Tensor, h: Tensor): Tensor =>
    named(
      'h',
      activation(
        plus(addT(projected(x, p.kernel, p.inputFactors), projected(h, p.recurrentKernel, p.stateFactors)), bias),
      ),
    )
}

/** All four gates come from one projection. */
export function lstmStep(p: Projections, activations: Activations) {
  const bias = wholeBias(p)
  return (x: Tensor, state: { readonly h: Tensor; readonly c: Tensor }) => {
    const sum = addT(projected(x, p.kernel, p.inputFactors), projected(state.h, p.recurrentKernel, p.stateFactors))
    return lstmGates(named('z', plus(sum, bias)), state.c, activations)
  }
}

/** The next state from what all gates get, i f c o along an axis, and the cell's value before. */
export function lstmGates(z: Tensor, before: Tensor, { activation, recurrentActivation }: Activations, axis?: number) {
  const [zi, zf, zg, zo] = gatesOf(z, 4, axis) as [Tensor, Tensor, Tensor, Tensor]
  const [i, f, o] = [named('i', recurrentActivation(zi)), named('f', recurrentActivation(zf)), named('o', recurrentActivation(zo))] // prettier-ignore
  const c = named('c', addT(mulT(f, before), mulT(i, named('g', activation(zg)))))
  return { h: named('h', mulT(o, activation(c))), c }
}

export function gruStep(p: Projections, { activation, recurrentActivation }: Activations, resetAfter: boolean) {
  /** z r h of three parts. */
  const ordered = (parts: Tensor[]): [Tensor, Tensor, Tensor] =>
    (p.convention === 'torch' ? [parts[1], parts[0], parts[2]] : parts) as [Tensor, Tensor, Tensor]
  const blended = (z: Tensor, h: Tensor, candidate: Tensor): Tensor =>
    named('h', addT(mulT(z, h), mulT(subT(like(1, z), z), candidate)))
  if (resetAfter)
    return (x: Tensor, h: Tensor): Tensor => {
      const [xz, xr, xh] = ordered(gatesOf(plus(projected(x, p.kernel, p.inputFactors), p.bias), 3))
      const [hz, hr, hh] = ordered(gatesOf(plus(projected(h, p.recurrentKernel, p.stateFactors), p.recurrentBias), 3))
      const z = named('z', recurrentActivation(addT(xz, hz)))
      const r = named('r', recurrentActivation(addT(xr, hr)))
      return blended(z, h, named('candidate', activation(addT(xh, mulT(r, hh)))))
    }
  const { units, stateFactors: of } = p
  const [both, third] = of?.length === 3 ? [of.slice(0, 2), of.slice(2)] : [of, of]
  const [gates, last] = [partT(p.recurrentKernel, 1, 0, 2 * units), partT(p.recurrentKernel, 1, 2 * units, units)]
  return (x: Tensor, h: Tensor): Tensor => {
    const [xz, xr, xh] = gatesOf(plus(projected(x, p.kernel, p.inputFactors), p.bias), 3) as [Tensor, Tensor, Tensor]
    const [hz, hr] = gatesOf(projected(h, gates, both), 2) as [Tensor, Tensor]
    const z = named('z', recurrentActivation(addT(xz, hz)))
    const r = named('r', recurrentActivation(addT(xr, hr)))
    return blended(z, h, named('candidate', activation(addT(xh, projected(mulT(r, h), last, third)))))
  }
}
