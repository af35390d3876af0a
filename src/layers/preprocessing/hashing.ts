import { explained } from '../../ir/tensor'
import { defineLayer } from '../layer'
import { choice, flag, integer, optional, plain, required } from '../option'
import { title } from '../title'
import { encodedHost, type HostResult, refuseSparse } from './encode-host'
import { fingerprint } from './fingerprint'
import { hostArray, type HostNumbers } from './host'
import { sipHash } from './siphash'
import { holdsTexts, isText, nestOf, type Texts } from './texts'
import { bytesOf, wrap } from './word64'

type Salt = number | readonly [number, number]
const isWord = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) >= 0

/** Strings, or whole numbers by how they are written, of a shape. */
export function wordsOf(where: string, values: Texts | HostNumbers) {
  if (holdsTexts(values)) return nestOf(where, values, isText, 'strings')
  const { shape, values: numbers } = hostArray(where, values)
  return { shape, values: Array.from(numbers, (n) => String(Math.trunc(n))) }
}

/**
 * Strings and whole numbers as one of `numBins` bins by a hash of them, FarmHash's fingerprint, or SipHash under a salt: those of
 * Keras. `apply(values)` is for outside of graphs, as in `dataset.map`. Bin 0 is that of the mask value, if there is one.
 */
export const hashing = defineLayer({
  className: 'Hashing',
  name: 'hashing',
  options: {
    numBins: required(integer()),
    maskValue: optional(
      plain<string | number>('a string or a whole number', (v) => isText(v) || Number.isSafeInteger(v)),
    ),
    salt: optional(
      plain<Salt>(
        'a whole number from 0, or two of them',
        (v) => isWord(v) || (Array.isArray(v) && v.length === 2 && v.every(isWord)),
      ),
    ),
    outputMode: choice(['int', 'oneHot', 'multiHot', 'count'], 'int'),
    sparse: flag(false),
  },
  check: ({ sparse }, where) => refuseSparse(where, sparse),
  call([x]) {
    throw explained(
      'Hashing',
      'a graph has no words of 64 bits: map values before, dataset.map((v) => layer.apply(v)), and feed what that gives',
      [x!],
    )
  },
  methods: (layer, { numBins, maskValue, salt, outputMode }) => ({
    /** The bin of each value, or what the output mode makes of them; nested arrays give a shape. */
    apply(values: Texts | HostNumbers): HostResult {
      const { shape, values: words } = wordsOf(`${title(layer)}.apply`, values)
      const isMasked = maskValue !== undefined && numBins > 1
      const bins = BigInt(isMasked ? numBins - 1 : numBins)
      const indices = words.map((word) =>
        isMasked && word === String(maskValue) ? 0 : Number(hashOf(word, salt) % bins) + (isMasked ? 1 : 0),
      )
      return encodedHost(indices, shape, outputMode, numBins)
    },
  }),
})

function hashOf(word: string, salt: Salt | undefined): bigint {
  if (salt === undefined) return fingerprint(bytesOf(word))
  const [a, b] = typeof salt === 'number' ? [salt, salt] : salt
  return sipHash(bytesOf(word), [wrap(BigInt(a)), wrap(BigInt(b))])
}
