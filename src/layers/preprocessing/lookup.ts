import { GraphError } from '../../ir/errors'
import type { AnyLayer } from '../layer'
import { choice, flag, integer, type Option, optional, type Parsed, plain } from '../option'
import { title } from '../title'
import { encodedHost, type HostResult, refuseSparse } from './encode-host'
import { compareTexts } from './texts'

type Token = string | number

/** What both lookups may be told. `T` is the kind of their tokens. */
export const lookupOptions = {
  maxTokens: optional(integer(undefined, 2)),
  numOovIndices: integer(1, 0),
  invert: flag(false),
  outputMode: choice(['int', 'oneHot', 'multiHot', 'count', 'tfIdf'], 'int'),
  padToMaxTokens: flag(false),
  sparse: flag(false),
  idfWeights: optional(plain<readonly number[]>('a list of numbers', (v) => Array.isArray(v) && v.every(Number.isFinite))), // prettier-ignore
}
type Shared = Parsed<typeof lookupOptions>
/** Options with the tokens of a lookup. */
export interface LookupOptions<T extends Token> extends Shared {
  readonly vocabulary: readonly T[] | undefined
  readonly maskToken: T | undefined
  readonly oovToken: T
}
export const tokens = <T extends Token>(
  kind: string,
  is: (v: unknown) => v is T,
): Option<readonly T[] | null, readonly T[] | undefined, false> =>
  // prettier-ignore
  optional(plain<readonly T[]>(`a list of ${kind}`, (v) => Array.isArray(v) && v.every(is)))

export function checkLookup(options: LookupOptions<Token>, where: string): void {
  const { maxTokens, padToMaxTokens, outputMode, invert, idfWeights, vocabulary, sparse } = options
  refuseSparse(where, sparse)
  if (padToMaxTokens && maxTokens === undefined) throw new GraphError(`${where}: padToMaxTokens needs maxTokens`)
  if (invert && outputMode !== 'int') throw new GraphError(`${where}: invert is for outputMode 'int'`)
  if (idfWeights !== undefined && outputMode !== 'tfIdf')
    throw new GraphError(`${where}: idfWeights are for outputMode 'tfIdf'`)
  if (outputMode === 'tfIdf' && (vocabulary === undefined) !== (idfWeights === undefined))
    throw new GraphError(`${where}: with outputMode 'tfIdf', vocabulary and idfWeights are given together`)
  if (maxTokens !== undefined && firstIndex(options) > maxTokens)
    throw new GraphError(`${where}: maxTokens is ${maxTokens}, but ${firstIndex(options)} indices stand for a mask and for what is out of vocabulary`) // prettier-ignore
  if (vocabulary) {
    const own = ownTokens(options)
    const twice = own.find((token, i) => own.indexOf(token) !== i)
    if (twice !== undefined) throw new GraphError(`${where}: the vocabulary has ${JSON.stringify(twice)} twice`)
    const special = [...(hasMask(options) ? [options.maskToken] : []), ...(invert ? [options.oovToken] : [])]
    const misplaced = own.find((token) => special.includes(token))
    if (misplaced !== undefined)
      throw new GraphError(`${where}: the vocabulary has ${JSON.stringify(misplaced)}, which stands for what is masked or out of vocabulary; leave it out`) // prettier-ignore
    if (maxTokens !== undefined && own.length + firstIndex(options) > maxTokens)
      throw new GraphError(`${where}: the vocabulary has ${own.length + firstIndex(options)} tokens, maxTokens is ${maxTokens}`) // prettier-ignore
    if (idfWeights && idfWeights.length !== own.length)
      throw new GraphError(`${where}: ${idfWeights.length} idfWeights for ${own.length} tokens`)
  }
}

const hasMask = ({ maskToken, outputMode }: LookupOptions<Token>): boolean => maskToken !== undefined && outputMode === 'int' // prettier-ignore
/** Where tokens begin: behind that of the mask and those for what is out of vocabulary. */
export const firstIndex = (o: LookupOptions<Token>): number => (hasMask(o) ? 1 : 0) + o.numOovIndices
/** The index of the first for what is out of vocabulary. */
export const oovIndex = (o: LookupOptions<Token>): number => (hasMask(o) ? 1 : 0)

/** The vocabulary without the tokens that stand for others, which it may begin with. */
export function ownTokens<T extends Token>(o: LookupOptions<T>): readonly T[] {
  const list = o.vocabulary ?? []
  const special = specialTokens(o)
  return special.length > 0 && special.every((t, i) => list[i] === t) ? list.slice(special.length) : list
}
const specialTokens = <T extends Token>(o: LookupOptions<T>): T[] => [
  ...(hasMask(o) ? [o.maskToken!] : []),
  ...Array.from({ length: o.numOovIndices }, () => o.oovToken),
]

/** How many indices there are. */
export const sizeOfLookup = (o: LookupOptions<Token>): number => ownTokens(o).length + firstIndex(o)
export const depthOf = (o: LookupOptions<Token>): number => (o.padToMaxTokens ? o.maxTokens! : sizeOfLookup(o))

/** The inverse document frequency of each index, that of what is out of vocabulary being the mean. */
function frequencies(o: LookupOptions<Token>): Float32Array {
  const own = o.idfWeights ?? []
  const mean = own.reduce((a, b) => a + b, 0) / Math.max(own.length, 1)
  const all = new Float32Array(depthOf(o))
  all.set([...Array.from({ length: firstIndex(o) }, () => mean), ...own])
  return all
}

const tables = new WeakMap<readonly Token[], ReadonlyMap<Token, number>>()
/** Places of tokens, made once for a list of them. */
function placesOf(list: readonly Token[]): ReadonlyMap<Token, number> {
  let found = tables.get(list)
  if (!found) {
    found = new Map(list.map((token, i) => [token, i]))
    tables.set(list, found)
  }
  return found
}

/** Indices of tokens in the shape of them, or what the output mode makes of those. */
export function lookedUp<T extends Token>(
  where: string,
  o: LookupOptions<T>,
  values: readonly T[],
  shape: readonly number[],
  bucket: (token: T, count: number) => number,
): HostResult {
  if (o.vocabulary === undefined)
    throw new GraphError(`${where}: it has no vocabulary yet; give one, or call adapt(data)`)
  const places = placesOf(o.vocabulary)
  const skipped = o.vocabulary.length - ownTokens(o).length
  const indices = values.map((token) => {
    if (token === o.maskToken) return o.outputMode === 'int' ? 0 : undefined
    const place = (places.get(token) ?? -1) - skipped
    if (place >= 0) return place + firstIndex(o)
    if (o.numOovIndices === 0)
      throw new GraphError(`${where}: ${JSON.stringify(token)} is not in the vocabulary, and numOovIndices is 0`)
    return oovIndex(o) + (o.numOovIndices === 1 ? 0 : bucket(token, o.numOovIndices))
  })
  return encodedHost(indices, shape, o.outputMode, depthOf(o), o.outputMode === 'tfIdf' ? frequencies(o) : undefined)
}

/** The token of each index. */
export function tokensAt<T extends Token>(o: LookupOptions<T>, indices: ArrayLike<number>): T[] {
  const own = ownTokens(o)
  return Array.from(indices, (i) => (hasMask(o) && i === 0 ? o.maskToken! : (own[i - firstIndex(o)] ?? o.oovToken)))
}

/** The most frequent tokens first, of equally frequent ones the last in order, as many as there is room for. */
export function learnt<T extends Token>(o: LookupOptions<T>, documents: Iterable<readonly T[]>): Found<T> {
  const counts = new Map<T, number>()
  const holders = new Map<T, number>()
  let total = 0
  for (const document of documents) {
    total++
    for (const token of document) counts.set(token, (counts.get(token) ?? 0) + 1)
    for (const token of new Set(document)) holders.set(token, (holders.get(token) ?? 0) + 1)
  }
  if (o.maskToken !== undefined) counts.delete(o.maskToken)
  counts.delete(o.oovToken)
  const order = (a: T, b: T): number => (typeof a === 'string' ? compareTexts(a, b as string) : Number(a) - Number(b))
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || order(b, a)).map(([token]) => token)
  const vocabulary = sorted.slice(0, o.maxTokens === undefined ? sorted.length : o.maxTokens - firstIndex(o))
  if (o.outputMode !== 'tfIdf') return { vocabulary, idfWeights: undefined }
  return { vocabulary, idfWeights: vocabulary.map((token) => Math.log(1 + total / (1 + holders.get(token)!))) }
}

type Found<T extends Token> = Pick<LookupOptions<T>, 'vocabulary' | 'idfWeights'>

/** Replaces what a layer looks up. Programs that were compiled keep theirs. */
export function setLookup<T extends Token>(layer: AnyLayer, found: Found<T>): void {
  layer.state.options = { ...layer.state.options, ...found }
}

/** What layers with a vocabulary can do besides. */
export const lookupMethods = <T extends Token>(layer: AnyLayer, now: () => LookupOptions<T>) => ({
  /** Sets what is looked up, instead of what was before. */
  setVocabulary(vocabulary: readonly T[], idfWeights?: readonly number[]): void {
    const found = { vocabulary: [...vocabulary], idfWeights: idfWeights && [...idfWeights] }
    checkLookup({ ...now(), ...found }, `${title(layer)}.setVocabulary`)
    setLookup(layer, found)
  },
  /** Tokens by their index, those that stand for others among them unless they are left out. */
  getVocabulary({ includeSpecialTokens = true }: { readonly includeSpecialTokens?: boolean } = {}): T[] {
    const own = [...ownTokens(now())]
    return includeSpecialTokens ? [...specialTokens(now()), ...own] : own
  },
  /** How many indices there are. */
  vocabularySize: (): number => sizeOfLookup(now()),
})
