import { searchSorted } from '../../api/counting'
import { clip, mod } from '../../api/elementary'
import { gather, requireIndices } from '../../api/indexing'
import { constant } from '../../api/leaf'
import { add, cast, equal, mul, where } from '../../api/math'
import { GraphError } from '../../ir/errors'
import { explained, type Tensor } from '../../ir/tensor'
import { countTo } from '../../ir/count-to'
import { defineLayer } from '../layer'
import { axis, optional } from '../option'
import { title } from '../title'
import { encoded } from './encode'
import type { HostResult } from './encode-host'
import { batchesOf, type HostData, hostArray, type HostNumbers } from './host'
import { checkLookup, depthOf, firstIndex, learnt, lookedUp, lookupMethods, type LookupOptions, lookupOptions, setLookup, oovIndex, ownTokens, sizeOfLookup, tokens, tokensAt } from './lookup' // prettier-ignore
import { isWhole } from './texts'

const floorMod = (n: number, count: number): number => ((n % count) + count) % count

/**
 * Whole numbers as indices into a vocabulary, in the shape of x, int32; other output modes give what `categoryEncoding` makes
 * of them. Index 0 is the mask's, if there is a mask token; then come those for numbers out of vocabulary (by their
 * remainder where there are several), then the tokens. With `invert` it maps indices to numbers. `apply` does the same to
 * arrays outside of graphs.
 */
export const integerLookup = defineLayer({
  className: 'IntegerLookup',
  name: 'integer_lookup',
  options: {
    ...lookupOptions,
    maskToken: optional(axis()),
    oovToken: axis(-1),
    vocabulary: tokens('whole numbers', isWhole),
  },
  check: checkLookup,
  call([x], options) {
    requireIndices('IntegerLookup', x!)
    if (options.vocabulary === undefined)
      throw new GraphError('IntegerLookup: it has no vocabulary yet; give one, or call adapt(data) before it is used')
    const { outputMode } = options
    if (options.invert) return inverted(cast(x!, 'int32'), options)
    const found = legal(indicesOf(cast(x!, 'int32'), options), options)
    if (outputMode === 'int' || options.maskToken === undefined)
      return outputMode === 'tfIdf' ? weighed(found, options) : encoded('IntegerLookup', found, outputMode, depthOf(options), 'float32') // prettier-ignore
    throw explained(
      'IntegerLookup',
      `with a mask token, outputMode '${outputMode}' leaves elements out: use apply(numbers) outside of the graph`,
      [x!],
    )
  },
  methods: (layer) => {
    const now = (): LookupOptions<number> => layer.state.options as unknown as LookupOptions<number>
    return {
      ...lookupMethods(layer, now),
      /** Indices of numbers, or what the output mode makes of them; nested arrays give a shape. */
      apply(numbers: HostNumbers): HostResult {
        const where = `${title(layer)}.apply`
        if (now().invert) throw new GraphError(`${where}: it is inverted; invert(indices) gives numbers`)
        const { shape, values } = hostArray(where, numbers)
        return lookedUp(where, now(), Array.from(values), shape, floorMod)
      },
      /** The number of each index, in a line. */
      invert: (indices: HostNumbers): number[] => tokensAt(now(), hostArray(`${title(layer)}.invert`, indices).values),
      /** Finds the vocabulary, anew at each call: the most frequent numbers. Each row of an array is a document. */
      adapt(numbers: HostData): void {
        setLookup(layer, learnt(now(), documentsOf(`${title(layer)}.adapt`, numbers)))
      },
    }
  },
})

function* documentsOf(where: string, data: HostData): Generator<readonly number[]> {
  for (const { shape, values } of batchesOf(where, data)) {
    const row = shape.length > 1 ? shape.at(-1)! : 1
    for (let i = 0; i < values.length; i += row) yield Array.from({ length: row }, (_, k) => values[i + k]!)
  }
}

type Options = LookupOptions<number>
const ints = (values: readonly number[]): Tensor => constant([...values], { dtype: 'int32' })

/** By a search among the tokens in order. */
function indicesOf(x: Tensor, o: Options): Tensor {
  const own = ownTokens(o)
  const outside = outsideOf(x, o)
  const masked = (y: Tensor): Tensor =>
    o.maskToken === undefined ? y : where(equal(x, constant(o.maskToken, { dtype: 'int32' })), constant(0, { dtype: 'int32' }), y) // prettier-ignore
  if (own.length === 0) return masked(outside)
  const order = own.map((_, i) => i).sort((a, b) => own[a]! - own[b]!)
  const sorted = ints(order.map((i) => own[i]!))
  const place = clip(searchSorted(sorted, x), 0, own.length - 1)
  const isThere = equal(gather(sorted, place), x)
  return masked(where(isThere, add(gather(ints(order), place), firstIndex(o)), outside))
}

/** Without an index for what is out of vocabulary, the step fails for it: a table of indices has no such place. */
function legal(indices: Tensor, o: Options): Tensor {
  if (o.numOovIndices > 0 || o.outputMode !== 'int') return indices
  return gather(ints(countTo(sizeOfLookup(o))), indices as never)
}

/** The index of what is out of vocabulary; without one, an index that no table has. */
function outsideOf(x: Tensor, o: Options): Tensor {
  if (o.numOovIndices > 1) return add(mod(x, o.numOovIndices), oovIndex(o))
  return mul(add(mul(x, 0), 1), o.numOovIndices === 1 ? oovIndex(o) : -1)
}

function inverted(x: Tensor, o: Options): Tensor {
  const table = tokensAt(o, countTo(firstIndex(o) + ownTokens(o).length))
  return gather(ints(table), x as never)
}

function weighed(indices: Tensor, o: Options): Tensor {
  const each = encoded('IntegerLookup', indices, 'count', depthOf(o), 'float32')
  const own = o.idfWeights ?? []
  const mean = own.reduce((a, b) => a + b, 0) / Math.max(own.length, 1)
  const padding = Array.from({ length: depthOf(o) - firstIndex(o) - own.length }, () => 0)
  return mul(each, constant([...Array.from({ length: firstIndex(o) }, () => mean), ...own, ...padding]))
}
