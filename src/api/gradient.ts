import { disconnected } from '../autodiff/disconnected'
import { checkCotangents, checkTargets, sweep } from '../autodiff/vjp'
import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import { checkKeys, checkOneOf } from '../ir/names-of'
import type { Checked, Scalar } from '../ir/shapes'
import { describe, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat, showShape } from '../ir/type'
import { zerosT } from '../ops/broadcast'
import { scalarConstant } from '../ops/leaf'

/** Options of `grad`, `vjp` and what is made of them. */
export interface GradientOptions {
  /** What to do for a tensor that no gradient reaches: an error (the default) that says where the path broke, or zeros. */
  readonly disconnected?: 'error' | 'zeros'
}
export type Gradients<W extends readonly Tensor[]> = { -readonly [K in keyof W]: Tensor<W[K]['shape'], W[K]['dtype']> }

/**
 * Gradients of a scalar float loss with respect to tensors of the same graph: one ordinary symbolic tensor for each, of
 * its shape and dtype, to be printed, compiled or differentiated again. Throws if the loss is not a scalar, a target is
 * not a float, or no gradient reaches a target (the message says where the path broke).
 */
export function grad<L extends Tensor, const W extends readonly Tensor[]>(
  loss: Checked<Scalar<'grad', L['shape']>, L>,
  wrt: readonly [...W],
  options: GradientOptions = {},
): Gradients<W> {
  checkGradientOptions('grad', options)
  return gradients('grad', loss as Tensor, wrt, options) as never
}

/** The loss beside its gradients, see `grad`. */
export function valueAndGrad<L extends Tensor, const W extends readonly Tensor[]>(
  loss: Checked<Scalar<'valueAndGrad', L['shape']>, L>,
  wrt: readonly [...W],
  options: GradientOptions = {},
): { readonly value: L; readonly gradients: Gradients<W> } {
  checkGradientOptions('valueAndGrad', options)
  return { value: loss as L, gradients: gradients('valueAndGrad', loss as Tensor, wrt, options) as never }
}

/**
 * Vector-Jacobian product: for outputs and cotangents of their shapes and dtypes, the sum over outputs of
 * cotangentᵀ · Jacobian with respect to each of `wrt`.
 */
export function vjp<const W extends readonly Tensor[]>(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly [...W],
  options: GradientOptions = {},
): Gradients<W> {
  checkGradientOptions('vjp', options)
  checkCotangents('vjp', outputs, cotangents)
  return pulled('vjp', outputs, cotangents, wrt, options) as never
}

/** `others` are options that a function has besides. */
export function checkGradientOptions(op: string, options: GradientOptions, others: readonly string[] = []): void {
  checkKeys(op, options, ['disconnected', ...others])
  checkOneOf(op, 'disconnected', options.disconnected ?? 'error', ['error', 'zeros'])
}

/** `advice` says what to do about a tensor that no gradient reaches, where no option does. */
export function gradients(
  op: string,
  loss: Tensor,
  wrt: readonly Tensor[],
  options: GradientOptions,
  advice?: string,
): Tensor[] {
  requireTensor(op, loss)
  if (loss.shape.length !== 0) {
    throw new GraphError(
      `${op}: the loss must be a scalar, it has shape ${showShape(loss.shape)}: ${describe(loss)}; ` +
        `reduce it with mean or sum, or use vjp with a cotangent of that shape`,
    )
  }
  if (!isFloat(loss.dtype)) throw new GraphError(`${op}: the loss must be a float, it is ${describe(loss)}`)
  return pulled(op, [loss], [scalarConstant(1, loss.dtype)], wrt, options, advice)
}

export function pulled(
  op: string,
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly Tensor[],
  options: GradientOptions,
  advice?: string,
): Tensor[] {
  checkTargets(op, wrt)
  return sweep(toposort(outputs), outputs, cotangents, wrt, outputs[0]!).map((g, i) => {
    const target = wrt[i]!
    if (g) return g
    if (options.disconnected === 'zeros') return zerosT(target)
    throw disconnected(op, outputs, target, advice)
  })
}
