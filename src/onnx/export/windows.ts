import { isFloat } from '../../ir/type'
import type { Tensor } from '../../ir/tensor'
import type { ConvAttrs, ConvInputAttrs, ConvKernelAttrs } from '../../ops/conv'
import type { AveragePoolAttrs } from '../../ops/pool'
import { channelsOf, type DataFormat, spatialOf, touchedBehind, windowCounts, type Windows } from '../../ops/window'
import type { WindowsAttrs } from '../../ops/windows'
import type { Direct } from './direct'
import { int, ints, type Value } from './value'
import type { GraphWriter } from './writer'

// ONNX has batch and channels in front, kernels as [outputs, inputs of a group, ...taps].

const channelsFirst = (to: GraphWriter, x: Value, format: DataFormat): Value => {
  const rank = x.shape.length
  if (format === 'channelsFirst') return x
  return to.transpose(x, [0, rank - 1, ...x.shape.slice(2).map((_, i) => i + 1)])
}

const inFormat = (to: GraphWriter, x: Value, format: DataFormat): Value => {
  if (format === 'channelsFirst') return x
  return to.transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1])
}

/** [...taps, a, b] as [b, a, ...taps]. */
const kernelFirst = (to: GraphWriter, w: Value): Value => {
  const taps = w.shape.slice(0, -2).map((_, i) => i)
  return to.transpose(w, [taps.length + 1, taps.length, ...taps])
}

/** Elements left out by borders of fewer than none are not written; kernels are there for float32. */
const isPlain = ({ dtype, shape }: Tensor, { before, after }: Windows): boolean =>
  dtype === 'float32' && !shape.includes(0) && [...before, ...after].every((n) => n >= 0)

/** The border that windows touch, in front and behind: as many windows fit as there are. */
function padsOf(size: readonly number[], window: readonly number[], windows: Windows): number[] {
  const counts = windowCounts(size, window, windows)
  const behind = touchedBehind(size, window, counts, windows)
  return [...windows.before, ...behind]
}

export const convolution: Direct = {
  takes: (t) => isPlain(t, t.attrs as ConvAttrs) && !t.inputs[0]!.shape.includes(0),
  write: (to, t, [x, w]) => {
    const attrs = t.attrs as ConvAttrs
    const { format, strides, dilations, groups } = attrs
    const window = w!.shape.slice(0, -2)
    const shape = [t.shape[0]!, channelsOf(t.shape, format), ...spatialOf(t.shape, format)]
    const made = to.node('Conv', [channelsFirst(to, x!, format), kernelFirst(to, w!)], shape, {
      kernel_shape: ints(window),
      strides: ints(strides),
      dilations: ints(dilations),
      pads: ints(padsOf(spatialOf(x!.shape, format), window, attrs)),
      group: int(groups),
    })
    return inFormat(to, made, format)
  },
}

/** The transpose of a convolution: what comes back to its operand. */
export const convolutionInput: Direct = {
  takes: (t) => {
    const attrs = t.attrs as ConvInputAttrs
    return isPlain(t, attrs) && !t.inputs[0]!.shape.includes(0) && extraBehind(t).every((n, i) => n < attrs.strides[i]!)
  },
  write: (to, t, [y, w]) => {
    const { format, strides, dilations, groups, before, size } = t.attrs as ConvInputAttrs
    const window = w!.shape.slice(0, -2)
    const extra = extraBehind(t)
    const shape = [t.shape[0]!, channelsOf(t.shape, format), ...size]
    const made = to.node('ConvTranspose', [channelsFirst(to, y!, format), kernelFirst(to, w!)], shape, {
      kernel_shape: ints(window),
      strides: ints(strides),
      dilations: ints(dilations),
      pads: ints([...before, ...extra.map((n) => Math.max(0, -n))]),
      output_padding: ints(extra.map((n) => Math.max(0, n))),
      group: int(groups),
    })
    return inFormat(to, made, format)
  },
}

/** How far the operand reaches beyond the last window; below 0 windows reach beyond the operand. */
function extraBehind(t: Tensor): number[] {
  const { format, strides, dilations, before, size } = t.attrs as ConvInputAttrs
  const window = t.inputs[1]!.shape.slice(0, -2)
  return spatialOf(t.inputs[0]!.shape, format).map((n, i) => {
    const reach = (n - 1) * strides[i]! + (window[i]! - 1) * dilations[i]! + 1
    return size[i]! + before[i]! - reach
  })
}

/**
 * The gradient of a kernel as a convolution whose kernel is the cotangent: batch and channels change places, as strides and
 * dilations do. Channels of a group are the batch of that group.
 */
export const convolutionKernel: Direct = {
  takes: (t) => isPlain(t, t.attrs as ConvKernelAttrs) && t.inputs.every((x) => !x.shape.includes(0)),
  write: (to, t, [x, y]) => {
    const attrs = t.attrs as ConvKernelAttrs
    const { format, strides, dilations, groups, window } = attrs
    const [batch, inputs] = [x!.shape[0]!, channelsOf(x!.shape, format)]
    const size = spatialOf(x!.shape, format)
    const spatial = window.map((_, i) => i + 2)
    const counts = spatialOf(y!.shape, format)
    const front = channelsFirst(to, x!, format)
    const perGroup = inputs / groups
    const grouped = to.reshape(front, [batch, groups, perGroup, ...size])
    const turned = to.transpose(grouped, [2, 1, 0, ...spatial.map((i) => i + 1)])
    const rows = to.reshape(turned, [perGroup, groups * batch, ...size])
    const kernel = to.transpose(channelsFirst(to, y!, format), [1, 0, ...spatial])
    // Windows may leave elements at the end untouched: the result has more taps then, which are no taps of the kernel.
    const pads = padsOf(size, window, attrs)
    const taps = window.map((_, i) => {
      const room = size[i]! + pads[i]! + pads[i + window.length]! - ((counts[i]! - 1) * strides[i]! + 1)
      return Math.floor(room / dilations[i]!) + 1
    })
    const outputs = channelsOf(y!.shape, format)
    const made = to.node('Conv', [rows, kernel], [perGroup, outputs, ...taps], {
      kernel_shape: ints(counts),
      strides: ints(dilations),
      dilations: ints(strides),
      pads: ints(pads),
      group: int(groups),
    })
    const exact = to.slice(made, made.shape.map(() => 0), made.shape.map(() => 1), [perGroup, outputs, ...window]) // prettier-ignore
    return to.transpose(exact, [...spatial, 0, 1])
  },
}

/** A pool by an op of ONNX. */
function pool(to: GraphWriter, t: Tensor, x: Value, type: string, more: Parameters<GraphWriter['node']>[3]): Value {
  const attrs = t.attrs as WindowsAttrs
  const { format, strides, window } = attrs
  const shape = [t.shape[0]!, channelsOf(t.shape, format), ...spatialOf(t.shape, format)]
  const made = to.node(type, [channelsFirst(to, x, format)], shape, {
    kernel_shape: ints(window),
    strides: ints(strides),
    pads: ints(padsOf(spatialOf(x.shape, format), window, attrs)),
    ...more,
  })
  return inFormat(to, made, format)
}

/** Pads of a pool are smaller than its window. */
const isPool = (t: Tensor): boolean => {
  const attrs = t.attrs as WindowsAttrs
  const pads = padsOf(spatialOf(t.inputs[0]!.shape, attrs.format), attrs.window, attrs)
  const k = attrs.window.length
  return (
    [...attrs.before, ...attrs.after].every((n) => n >= 0) &&
    pads.every((n, i) => n < attrs.window[i % k]!) &&
    !t.shape.includes(0)
  )
}

export const maxPooled: Direct = {
  takes: (t) => isFloat(t.dtype) && isPool(t),
  write: (to, t, [x]) => pool(to, t, x!, 'MaxPool', { dilations: ints((t.attrs as WindowsAttrs).dilations) }),
}

/** Dilations came with opset 19. */
export const averagePooled: Direct = {
  takes: (t) => {
    const { dilations } = t.attrs as AveragePoolAttrs
    return t.inputs[0]!.dtype === 'float32' && isPool(t) && dilations.every((d) => d === 1)
  },
  write: (to, t, [x]) =>
    pool(to, t, x!, 'AveragePool', { count_include_pad: int((t.attrs as AveragePoolAttrs).includesPadding ? 1 : 0) }),
}
