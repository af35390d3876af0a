import type { Tensor } from '../../../ir/tensor'
import { isFloat, newData } from '../../../ir/type'
import { dtypeOfElement, elementCode } from '../../types'
import type { NodeCall, OnnxOp, OnnxOps } from '../node-call'
import { constantOf } from '../values'

/** Constant data in the element type that is asked for, float by default. */
function dataOf(call: NodeCall, shape: readonly number[], values: ArrayLike<number>): Tensor {
  const dtype = dtypeOfElement(call.attributes.int('output_datatype', elementCode('float')))
  if (!isFloat(dtype)) call.refuse(`a result of ${dtype}`)
  const data = newData(dtype, values.length)
  data.set(values)
  return constantOf({ dtype, shape, data })
}

/** A sum of cosines over a size that is known when the graph is built; the divisor is one less where it is symmetric. */
const cosines =
  (...factors: readonly number[]): OnnxOp =>
  (call) => {
    const size = call.optionalNumber(0) ?? call.fail('needs a size')
    if (size < 0) call.fail(`the size is ${size}`)
    const period = call.attributes.flag('periodic', true) ? size : size - 1
    if (period === 0 && size > 0) call.refuse('a symmetric window of one value')
    const value = (i: number): number =>
      factors.reduce((total, factor, k) => total + factor * Math.cos((2 * Math.PI * k * i) / period), 0)
    return dataOf(
      call,
      [size],
      Array.from({ length: size }, (_, i) => value(i)),
    )
  }

const melOf = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700)
const hertzOf = (mel: number): number => 700 * (10 ** (mel / 2595) - 1)

/** Triangles at equal distances on the mel scale as weights of the bins of a spectrum, [bins, triangles]. */
function melWeights(call: NodeCall): Tensor {
  const [triangles, length, rate, lowest, highest] = [0, 1, 2, 3, 4].map(
    (at) => call.optionalNumber(at) ?? call.fail('needs five operands'),
  ) as [number, number, number, number, number]
  const bins = Math.floor(length / 2) + 1
  if (!(triangles >= 1 && length >= 1 && rate >= 1)) call.fail('needs numbers from 1')
  const [low, high] = [melOf(lowest), melOf(highest)]
  const step = (high - low) / (triangles + 2)
  // Both in the order of operations of the definition: the bins hang on how it rounds.
  const edges = Array.from({ length: triangles + 2 }, (_, i) =>
    Math.floor(((length + 1) * hertzOf(i * step + low)) / rate),
  )
  const weights = new Float64Array(bins * triangles)
  for (let i = 0; i < triangles; i++) {
    const [from, top, to] = [edges[i]!, edges[i + 1]!, edges[i + 2]!]
    const set = (bin: number, weight: number): void => {
      if (bin < 0 || bin >= bins) call.refuse(`a frequency beyond the ${bins} bins`)
      weights[bin * triangles + i] = weight
    }
    if (top === from) set(top, 1)
    for (let bin = from; bin <= top && top > from; bin++) set(bin, (bin - from) / (top - from))
    for (let bin = top; bin < to; bin++) set(bin, (to - bin) / (to - top))
  }
  return dataOf(call, [bins, triangles], weights)
}

/** What spectra are taken with. */
export const WINDOWS: OnnxOps = {
  HannWindow: cosines(0.5, -0.5),
  HammingWindow: cosines(25 / 46, -21 / 46),
  BlackmanWindow: cosines(0.42, -0.5, 0.08),
  MelWeightMatrix: melWeights,
}
