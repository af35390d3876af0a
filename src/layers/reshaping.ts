import { expandDims } from '../api/arrange'
import { broadcastTo, reshape as reshapeTo, transpose } from '../api/shape'
import { GraphError } from '../ir/errors'
import { showShape, sizeOf } from '../ir/type'
import { defineLayer } from './layer'
import { integer, integers, required } from './option'
import { requireRank } from './rank'
import { dataFormat } from './window-options'

/** [batch, ...] becomes [batch, ...targetShape] in row-major order; one extent may be -1 and follows from the others. */
export const reshape = defineLayer({
  className: 'Reshape',
  name: 'reshape',
  options: { targetShape: required(integers(undefined, -1)) },
  check({ targetShape }, where) {
    if (targetShape.filter((d) => d === -1).length > 1)
      throw new GraphError(`${where}: targetShape has one -1 at most, it is ${showShape(targetShape)}`)
  },
  call: ([x], { targetShape }) => reshapeTo(x!, [x!.shape[0]!, ...targetShape]),
})

/**
 * [batch, ...] becomes [batch, n] with all other elements in a row; `channelsFirst` says that channels lie behind the batch,
 * and puts them last first, so that weights behind it fit both formats.
 */
export const flatten = defineLayer({
  className: 'Flatten',
  name: 'flatten',
  options: { dataFormat: dataFormat() },
  call([x], o) {
    const [batch, ...rest] = x!.shape as [number, ...number[]]
    const turns = o.dataFormat === 'channelsFirst' && rest.length > 1
    const last = turns ? transpose(x!, [0, ...rest.slice(1).map((_, i) => i + 2), 1]) : x!
    return reshapeTo(last, [batch, sizeOf(rest)])
  },
})

/** Axes in another order: axis i of the result, from 1 behind the batch, is axis dims[i - 1] of the input. */
export const permute = defineLayer({
  className: 'Permute',
  name: 'permute',
  options: { dims: required(integers(undefined, 1)) },
  check({ dims }, where) {
    if (dims.some((_, i) => !dims.includes(i + 1)))
      throw new GraphError(`${where}: dims has each of 1 to ${dims.length} once, it is ${showShape(dims)}`)
  },
  call([x], { dims }) {
    requireRank('Permute', x!, dims.length + 1)
    return transpose(x!, [0, ...dims])
  },
})

/** [batch, features] n times in a row: [batch, n, features]. */
export const repeatVector = defineLayer({
  className: 'RepeatVector',
  name: 'repeat_vector',
  options: { n: required(integer()) },
  call([x], { n }) {
    requireRank('RepeatVector', x!, 2)
    const [batch, features] = x!.shape as [number, number]
    return broadcastTo(expandDims(x!, 1), [batch, n, features])
  },
})
