import { GraphError } from '../ir/errors'
import { callF } from '../ir/formula'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { showShape, type TensorType } from '../ir/type'
import { sameDtype } from './elementwise'
import { convExpansion, convKernelExpansion } from './conv-expand'
import { convInputExpansion } from './conv-input-expand'
import { channelsOf, movesOf, spatialOf, type Windows, windowCounts, withLayout } from './window'

/*
 * x, kernel w and result y of a convolution meet in one trilinear form, sum x[o s + k d - p] w[k] y[o]: each of the three ops
 * is its derivative with respect to one of them, and so each is the gradient of the others. No rule leaves the three.
 */

export interface ConvAttrs extends Windows {
  readonly groups: number
}
export interface ConvInputAttrs extends ConvAttrs {
  /** Spatial extents of x. */
  readonly size: readonly number[]
}
export interface ConvKernelAttrs extends ConvAttrs {
  /** Spatial extents of the kernel. */
  readonly window: readonly number[]
}

/** y[n, o, c] = sum over taps k and channels of x[n, o s + k d - p] w[k]: the cross-correlation that networks call convolution. */
export const convOp: Op<'conv', ConvAttrs> = {
  name: 'conv',
  kind: 'composite',
  infer: ([x, w], attrs) => {
    const dtype = numeric([x!, w!])
    const window = windowOf(x!, w!)
    const inputs = channelsOf(x!.shape, attrs.format)
    const [perGroup, outputs] = w!.shape.slice(-2) as [number, number]
    if (perGroup * attrs.groups !== inputs)
      throw new GraphError(
        `the kernel ${showShape(w!.shape)} takes ${perGroup} channels${attrs.groups > 1 ? ` in each of ${attrs.groups} groups` : ''}, ` +
          `x ${showShape(x!.shape)} (${attrs.format}) has ${inputs}`,
      )
    checkGroups(outputs, attrs.groups)
    const counts = windowCounts(spatialOf(x!.shape, attrs.format), window, attrs)
    return { dtype, shape: withLayout(x!.shape[0]!, counts, outputs, attrs.format) }
  },
  vjp: ({ inputs: [x, w], cotangent: g, attrs }) => [
    convInputT(g, w!, { ...attrs, size: spatialOf(x!.shape, attrs.format) }),
    convKernelT(x!, g, { ...attrs, window: w!.shape.slice(0, -2) }),
  ],
  expand: ([x, w], attrs) => convExpansion(x!, w!, attrs),
}

/** x[n, i] = sum of y[n, o] w[k] over all o and k with o s + k d - p = i: transposed convolution. */
export const convInputOp: Op<'convInput', ConvInputAttrs> = {
  name: 'convInput',
  kind: 'composite',
  infer: ([y, w], attrs) => {
    const dtype = numeric([y!, w!])
    const window = windowOf(y!, w!)
    const outputs = channelsOf(y!.shape, attrs.format)
    const [perGroup, own] = w!.shape.slice(-2) as [number, number]
    if (own !== outputs)
      throw new GraphError(
        `the kernel ${showShape(w!.shape)} has ${own} channels to sum over, the operand ${showShape(y!.shape)} (${attrs.format}) ${outputs}`,
      )
    checkGroups(own, attrs.groups)
    checkCounts(spatialOf(y!.shape, attrs.format), attrs.size, window, attrs)
    return { dtype, shape: withLayout(y!.shape[0]!, attrs.size, perGroup * attrs.groups, attrs.format) }
  },
  vjp: ({ inputs: [y, w], cotangent: g, attrs }) => [
    convT(g, w!, attrs),
    convKernelT(g, y!, { ...attrs, window: w!.shape.slice(0, -2) }),
  ],
  expand: ([y, w], attrs) => convInputExpansion(y!, w!, attrs),
  formula: (operands) => callF('convTranspose', operands),
}

/** w[k] = sum of x[n, o s + k d - p] y[n, o] over batch and window positions: the gradient with respect to a kernel. */
export const convKernelOp: Op<'convKernel', ConvKernelAttrs> = {
  name: 'convKernel',
  kind: 'composite',
  infer: ([x, y], attrs) => {
    const dtype = numeric([x!, y!])
    const { groups, format, window } = attrs
    if (x!.shape.length !== y!.shape.length || x!.shape[0] !== y!.shape[0])
      throw new GraphError(`${showShape(x!.shape)} and ${showShape(y!.shape)} are not of one batch`)
    const inputs = channelsOf(x!.shape, format)
    const outputs = channelsOf(y!.shape, format)
    checkGroups(inputs, groups)
    checkGroups(outputs, groups)
    checkCounts(spatialOf(y!.shape, format), spatialOf(x!.shape, format), window, attrs)
    return { dtype, shape: [...window, inputs / groups, outputs] }
  },
  vjp: ({ inputs: [x, y], cotangent: g, attrs }) => [
    convInputT(y!, g, { ...attrs, size: spatialOf(x!.shape, attrs.format) }),
    convT(x!, g, attrs),
  ],
  expand: ([x, y], attrs) => convKernelExpansion(x!, y!, attrs),
}

const numeric = (inputs: readonly TensorType[]) => {
  const dtype = sameDtype(inputs)
  if (dtype === 'bool' || dtype === 'uint8')
    throw new GraphError(`needs int32 or float operands, got ${dtype}; cast them`)
  return dtype
}

/** Spatial extents of a kernel that fits the rank of the other operand. */
function windowOf({ shape }: TensorType, kernel: TensorType): number[] {
  if (shape.length < 3)
    throw new GraphError(`needs batch, channels and at least one spatial dimension, the operand is ${showShape(shape)}`)
  if (kernel.shape.length !== shape.length)
    throw new GraphError(
      `a kernel for ${showShape(shape)} has ${shape.length} dimensions (${shape.length - 2} spatial ones, channels in, channels out), ` +
        `it is ${showShape(kernel.shape)}`,
    )
  const window = kernel.shape.slice(0, -2)
  if (window.includes(0)) throw new GraphError(`the kernel ${showShape(kernel.shape)} has no taps`)
  return window
}

function checkGroups(channels: number, groups: number): void {
  if (channels % groups !== 0) throw new GraphError(`${channels} channels do not divide into ${groups} groups`)
}

function checkCounts(
  counts: readonly number[],
  size: readonly number[],
  window: readonly number[],
  windows: Windows,
): void {
  const want = windowCounts(size, window, windows)
  if (!want.every((n, i) => n === counts[i]))
    throw new GraphError(
      `windows of ${showShape(window)} over ${showShape(size)} have ${showShape(want)} positions, the operand has ${showShape(counts)}`,
    )
}

/** `title` is what messages call it. */
export const convT = (x: Tensor, w: Tensor, attrs: ConvAttrs, title?: string): Tensor =>
  apply(convOp, [x, w], { ...movesOf(attrs), groups: attrs.groups }, title)
export const convInputT = (y: Tensor, w: Tensor, attrs: ConvInputAttrs, title?: string): Tensor =>
  apply(convInputOp, [y, w], { ...movesOf(attrs), groups: attrs.groups, size: attrs.size }, title)
export const convKernelT = (x: Tensor, y: Tensor, attrs: ConvKernelAttrs): Tensor =>
  apply(convKernelOp, [x, y], { ...movesOf(attrs), groups: attrs.groups, window: attrs.window })
