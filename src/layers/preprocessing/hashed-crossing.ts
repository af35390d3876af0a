import { GraphError } from '../../ir/errors'
import { explained } from '../../ir/tensor'
import { sameShape, showShape } from '../../ir/type'
import { defineLayer } from '../layer'
import { choice, flag, integer, required } from '../option'
import { title } from '../title'
import { encodedHost, type HostResult, refuseSparse } from './encode-host'
import { fingerprint, joined } from './fingerprint'
import { hostArray, type HostNumbers } from './host'
import { holdsTexts, isText, nestOf, type Texts } from './texts'
import { bytesOf, wrap } from './word64'

/** Under which TensorFlow joins fingerprints. */
const KEY = 0xdecafcaffen

/**
 * What several features say together, as one of `numBins` bins by a hash of them, that of Keras: `apply([a, b, ...])` with as
 * many strings or whole numbers in each, for outside of graphs, as in `dataset.map`.
 */
export const hashedCrossing = defineLayer({
  className: 'HashedCrossing',
  name: 'hashed_crossing',
  options: { numBins: required(integer()), outputMode: choice(['int', 'oneHot'], 'int'), sparse: flag(false) },
  arity: { least: 1, most: Infinity },
  check: ({ sparse }, where) => refuseSparse(where, sparse),
  call(inputs) {
    throw explained(
      'HashedCrossing',
      'a graph has no words of 64 bits: map values before, dataset.map((a, b) => layer.apply([a, b])), and feed what that gives',
      inputs,
    )
  },
  methods: (layer, { numBins, outputMode }) => ({
    /** The bin of the features at each place; they have one shape, [], [n] or [n, 1]. */
    apply(features: readonly (Texts | HostNumbers)[]): HostResult {
      const where = `${title(layer)}.apply`
      if (!Array.isArray(features) || features.length < 2)
        throw new GraphError(`${where}: two features or more are needed`)
      const read = features.map((f: Texts | HostNumbers) => signaturesOf(where, f))
      const { shape } = read[0]!
      if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1) || !read.every((r) => sameShape(r.shape, shape)))
        throw new GraphError(`${where}: features have one shape, [], [n] or [n, 1]; they have ${read.map((r) => showShape(r.shape)).join(' and ')}`) // prettier-ignore
      const bins = read[0]!.values.map((_, i) => Number(read.reduce((h, r) => joined(h, r.values[i]!), KEY) % BigInt(numBins))) // prettier-ignore
      return encodedHost(bins, shape, outputMode, numBins)
    },
  }),
})

/** Fingerprints of strings; numbers stand for themselves. */
function signaturesOf(where: string, feature: Texts | HostNumbers) {
  if (holdsTexts(feature)) {
    const { shape, values } = nestOf(where, feature, isText, 'strings')
    return { shape, values: values.map((text) => fingerprint(bytesOf(text))) }
  }
  const { shape, values } = hostArray(where, feature)
  if (!Array.from(values).every(Number.isFinite))
    throw new GraphError(`${where}: a number that is not finite stands for no feature`)
  return { shape, values: Array.from(values, (n) => wrap(BigInt(Math.trunc(n)))) }
}
