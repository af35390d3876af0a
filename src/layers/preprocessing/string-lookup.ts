import { GraphError } from '../../ir/errors'
import { explained } from '../../ir/tensor'
import { defineLayer } from '../layer'
import { optional, string } from '../option'
import { title } from '../title'
import { encoded } from './encode'
import { fingerprint } from './fingerprint'
import type { HostResult } from './encode-host'
import { hostArray, type HostNumbers } from './host'
import { checkLookup, depthOf, learnt, lookedUp, lookupMethods, type LookupOptions, lookupOptions, setLookup, tokens, tokensAt } from './lookup' // prettier-ignore
import { isText, nestOf, type Texts } from './texts'
import { bytesOf } from './word64'

/** Which of the indices out of vocabulary a string has. Source: TensorFlow, FarmHash. */
export const bucketOf = (text: string, count: number): number => Number(fingerprint(bytesOf(text)) % BigInt(count))

/**
 * Strings as indices into a vocabulary. There are no strings in a graph: `lookup.apply(strings)` maps them before, as in
 * `dataset.map`, and in a graph the layer takes the indices that outputMode 'int' gives (with `multiHot` and its kin a graph
 * has no use for it). Index 0 is the mask's, if there is a mask token; then come those for strings out of vocabulary, then the
 * tokens. With `invert` it maps indices to strings.
 */
export const stringLookup = defineLayer({
  className: 'StringLookup',
  name: 'string_lookup',
  options: {
    ...lookupOptions,
    maskToken: optional(string()),
    oovToken: string('[UNK]'),
    vocabulary: tokens('strings', isText),
    encoding: string('utf-8'),
  },
  check(options, where) {
    if (options.encoding !== 'utf-8') throw new GraphError(`${where}: strings here are Unicode; leave encoding out`)
    checkLookup(options, where)
  },
  call([x], options) {
    const { outputMode } = options
    if (x!.dtype !== 'int32' || options.invert || outputMode === 'tfIdf')
      throw explained(
        'StringLookup',
        'there are no strings in a graph: map them before, dataset.map((s) => lookup.apply(s)), and feed what that gives',
        [x!],
      )
    return encoded('StringLookup', x!, outputMode, depthOf(options), 'float32')
  },
  methods: (layer) => {
    const now = (): LookupOptions<string> => layer.state.options as unknown as LookupOptions<string>
    return {
      ...lookupMethods(layer, now),
      /** Indices of strings, or what the output mode makes of them; nested arrays give a shape. */
      apply(texts: Texts): HostResult {
        const where = `${title(layer)}.apply`
        if (now().invert) throw new GraphError(`${where}: it is inverted; invert(indices) gives strings`)
        const { shape, values } = nestOf(where, texts, isText, 'strings')
        return lookedUp(where, now(), values, shape, bucketOf)
      },
      /** The string of each index, in a line. */
      invert: (indices: HostNumbers): string[] => tokensAt(now(), hostArray(`${title(layer)}.invert`, indices).values),
      /** Finds the vocabulary, anew at each call: the most frequent strings. Each row of an array is a document. */
      adapt(texts: Texts | Iterable<Texts>): void {
        setLookup(layer, learnt(now(), documentsOf(`${title(layer)}.adapt`, texts)))
      },
    }
  },
})

/** Rows of an array, or of each of many. */
function* documentsOf(where: string, texts: Texts | Iterable<Texts>): Generator<readonly string[]> {
  const batches = typeof texts === 'string' || Array.isArray(texts) ? [texts as Texts] : (texts as Iterable<Texts>)
  for (const batch of batches) {
    const { shape, values } = nestOf(where, batch, isText, 'strings')
    const row = shape.length > 1 ? shape.at(-1)! : 1
    for (let i = 0; i < values.length; i += row) yield values.slice(i, i + row)
  }
}
