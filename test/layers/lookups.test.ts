import { compile, entry, tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import * as layers from '../../src/layers'
import type { Layer, LayerConfig } from '../../src/layers/layer'
import { layerOf } from '../../src/layers/registry'
import { input } from '../../src/layers/symbolic'
import { fingerprint } from '../../src/layers/preprocessing/fingerprint'
import { sipHash } from '../../src/layers/preprocessing/siphash'
import { bytesOf } from '../../src/layers/preprocessing/word64'
import { randomNumbers } from '../ops/operands'
import { TARGETS } from './images'

const again = <L>(layer: L): L =>
  layerOf(JSON.parse(JSON.stringify((layer as Layer).getConfig())) as LayerConfig) as never
const rows = (y: ArrayLike<number> & { readonly shape: readonly number[] }): unknown => {
  const nest = (shape: readonly number[], at: number): unknown =>
    shape.length === 0
      ? y[at]
      : Array.from({ length: shape[0]! }, (_, i) => nest(shape.slice(1), at + i * shape.slice(1).reduce((a, b) => a * b, 1))) // prettier-ignore
  return nest(y.shape, 0)
}

describe('hashes', () => {
  const letters = (n: number): string => Array.from({ length: n }, (_, i) => String.fromCharCode(97 + ((i * 7) % 26))).join('') // prettier-ignore
  // By the C++ of FarmHash, one length for each way that it goes and each border between them.
  it.each([
    [16, 17624453864830929246n],
    [17, 2237273621417572890n],
    [32, 10824083725960157628n],
    [33, 8045080651094301868n],
    [64, 16149515108185634462n],
    [65, 2768067016444695309n],
    [127, 4960837163188540313n],
    [128, 10481128642166395277n],
    [129, 1060550032972533880n],
    [192, 3016510856553223177n],
    [200, 15075557378531049012n],
    [256, 3078584628691648450n],
  ])('of %i letters are those of FarmHash', (n, wanted) => expect(fingerprint(bytesOf(letters(n)))).toBe(wanted))
  it('of short texts are those of FarmHash', () => {
    // Source: the reference of BigQuery's FARM_FINGERPRINT.
    expect(BigInt.asIntN(64, fingerprint(bytesOf('1footrue')))).toBe(-1541654101129638711n)
  })
  it('under a key are those of SipHash', () => {
    const message = new DataView(Uint8Array.from({ length: 15 }, (_, i) => i).buffer)
    // Source: Aumasson and Bernstein 2012, appendix A.
    expect(sipHash(message, [0x0706050403020100n, 0x0f0e0d0c0b0a0908n])).toBe(0xa129ca6149be45e5n)
  })
})

const LETTERS = [['A'], ['B'], ['C'], ['D'], ['E']]
// The examples of Keras's documentation.
describe('hashing', () => {
  it.each([
    [{ numBins: 3 }, LETTERS, [[1], [0], [1], [1], [2]]],
    [{ numBins: 3, maskValue: '' }, [['A'], ['B'], [''], ['C'], ['D']], [[1], [1], [0], [2], [2]]],
    [{ numBins: 3, salt: [133, 137] }, LETTERS, [[1], [2], [1], [0], [2]]],
    [{ numBins: 3, salt: 133 }, LETTERS, [[0], [0], [2], [1], [0]]],
    [{ numBins: 3, outputMode: 'one_hot' }, ['A', 'B'], [[0, 1, 0], [1, 0, 0]]], // prettier-ignore
    [{ numBins: 3, outputMode: 'count' }, [['A', 'B', 'C', 'A']], [[1, 3, 0]]],
  ])('%j', (options, values, wanted) => {
    const layer = layers.hashing(options as never)
    expect(rows(layer.apply(values))).toEqual(wanted)
    expect(rows(again(layer).apply(values))).toEqual(wanted)
  })
  it('takes numbers as they are written', () => {
    const layer = layers.hashing({ numBins: 1000 })
    const numbers = [[7, -12], [123456789, 0]] // prettier-ignore
    expect(rows(layer.apply(numbers))).toEqual(rows(layer.apply(numbers.map((r) => r.map(String)))))
  })
  it('crosses features', () => {
    const layer = layers.hashedCrossing({ numBins: 5 })
    const features = [['A', 'B', 'A', 'B', 'A'], [101, 101, 101, 102, 102]] // prettier-ignore
    expect(rows(layer.apply(features))).toEqual([1, 4, 1, 1, 3])
    expect(rows(again(layers.hashedCrossing({ numBins: 5, outputMode: 'oneHot' })).apply(features))).toEqual(
      [1, 4, 1, 1, 3].map((k) => Array.from({ length: 5 }, (_, i) => Number(i === k))),
    )
  })
})

describe('stringLookup', () => {
  const vocabulary = ['a', 'b', 'c', 'd']
  const data = [['a', 'c', 'd'], ['d', 'z', 'b']] // prettier-ignore
  it.each([
    [{}, [[1, 3, 4], [4, 0, 2]]],
    [{ maskToken: 'd' , vocabulary: ['a', 'b', 'c'] }, [[2, 4, 0], [0, 1, 3]]],
    [{ vocabulary: ['[UNK]', ...vocabulary] }, [[1, 3, 4], [4, 0, 2]]],
    [{ outputMode: 'multiHot' }, [[0, 1, 0, 1, 1], [1, 0, 1, 0, 1]]],
    [{ outputMode: 'multi_hot', maxTokens: 7, padToMaxTokens: true }, [[0, 1, 0, 1, 1, 0, 0], [1, 0, 1, 0, 1, 0, 0]]],
    [{ outputMode: 'count', maskToken: 'd', vocabulary: ['a', 'b', 'c'] }, [[0, 1, 0, 1], [1, 0, 1, 0]]],
    [{ outputMode: 'tfIdf', idfWeights: [0.25, 0.75, 0.5, 0.5] }, [[0, 0.25, 0, 0.5, 0.5], [0.5, 0, 0.75, 0, 0.5]]],
  ])('%j', (options, wanted) => {
    const layer = layers.stringLookup({ vocabulary, ...options } as never)
    expect(rows(layer.apply(data))).toEqual(wanted)
    expect(rows(again(layer).apply(data))).toEqual(wanted)
  }) // prettier-ignore
  it('spreads what is out of vocabulary over several indices by its hash', () => {
    const layer = layers.stringLookup({ vocabulary, numOovIndices: 3 })
    const outside = ['x', 'y', 'z', 'w']
    expect(rows(layer.apply(outside))).toEqual(outside.map((s) => Number(fingerprint(bytesOf(s)) % 3n)))
    expect(rows(layer.apply(vocabulary))).toEqual([3, 4, 5, 6])
  })
  it('finds its vocabulary: the most frequent first, then the last in order', () => {
    const layer = layers.stringLookup({ maxTokens: 4 })
    layer.adapt([['b', 'c', 'c'], ['b', 'a', 'd']]) // prettier-ignore
    expect(layer.getVocabulary()).toEqual(['[UNK]', 'c', 'b', 'd'])
    expect(again(layer).getVocabulary({ includeSpecialTokens: false })).toEqual(['c', 'b', 'd'])
    expect(layer.vocabularySize()).toBe(4)
    layer.adapt(new Set([['x'], ['y', 'y']]))
    expect(layer.getVocabulary()).toEqual(['[UNK]', 'y', 'x'])
    expect(layer.invert([0, 2, 1])).toEqual(['[UNK]', 'x', 'y'])
    layer.setVocabulary(['q'])
    expect(rows(layer.apply('q'))).toBe(1)
  })
  it('is a table of its indices in a graph', () => {
    const layer = layers.stringLookup({ vocabulary, outputMode: 'oneHot' })
    const net = compile(entry({ x: tensor([3], 'int32') }, ({ x }) => ({ outputs: { y: layer(x) } })))
    expect(rows(net({ x: [1, 0, 4] }).y as never)).toEqual(rows(layer.apply(['a', '?', 'd'])))
  })
})

describe.each(TARGETS)('integerLookup on %s', (target) => {
  const vocabulary = [12, 36, -4, 1138, 42]
  it.each([
    {},
    { maskToken: 0 },
    { numOovIndices: 3 },
    { numOovIndices: 2, maskToken: 7 },
    { outputMode: 'oneHot' },
    { outputMode: 'count', numOovIndices: 2 },
    { outputMode: 'multiHot', maxTokens: 9, padToMaxTokens: true },
    { outputMode: 'tfIdf', idfWeights: [1, 2, 0.5, 0.25, 4] },
    { vocabulary: [] },
  ])('%j is the same in a graph and outside', (options) => {
    const layer = layers.integerLookup({ vocabulary, ...options } as never)
    const random = randomNumbers(3)
    const pool = [...vocabulary, 0, 7, -9, 100000]
    const data = Int32Array.from({ length: 60 }, () => pool[Math.floor(random() * pool.length)]!)
    const net = compile(
      entry({ x: tensor([10, 6], 'int32') }, ({ x }) => ({ outputs: { y: layer(x) } })),
      { target },
    )
    const wanted = layer.apply(Object.assign(data.slice(), { shape: [10, 6] }))
    const found = net({ x: data }).y as unknown as Float32Array & { shape: number[] }
    expect([...found.shape]).toEqual(wanted.shape)
    expect(Array.from(found)).toEqual(Array.from(wanted))
    expect(layer(input({ shape: [6], dtype: 'int32' })).shape).toEqual([null, ...wanted.shape.slice(1)])
    expect(rows(again(layer).apply([pool]))).toEqual(rows(layer.apply([pool])))
  })
  it('goes back', () => {
    const layer = layers.integerLookup({ vocabulary, invert: true, maskToken: 0 })
    const net = compile(
      entry({ x: tensor([4], 'int32') }, ({ x }) => ({ outputs: { y: layer(x) } })),
      { target },
    )
    expect(Array.from(net({ x: [0, 1, 2, 6] }).y as never)).toEqual([0, -1, 12, 42])
    expect(layer.invert([0, 1, 2, 6])).toEqual([0, -1, 12, 42])
  })
  it('stops at a number that is out of vocabulary, where there is no index for it', () => {
    const layer = layers.integerLookup({ vocabulary, numOovIndices: 0, outputMode: 'oneHot' })
    const net = compile(
      entry({ x: tensor([1], 'int32') }, ({ x }) => ({ outputs: { y: layer(x) } })),
      { target },
    )
    expect(Array.from(net({ x: [-4] }).y as never)).toEqual([0, 0, 1, 0, 0])
    expect(() => net({ x: [5] })).toThrow(/out of range/)
    expect(() => layer.apply([5])).toThrow(/5 is not in the vocabulary, and numOovIndices is 0/)
  })
  it('stops there too where indices are all that is wanted', () => {
    const layer = layers.integerLookup({ vocabulary, numOovIndices: 0 })
    const net = compile(
      entry({ x: tensor([1], 'int32') }, ({ x }) => ({ outputs: { y: layer(x) } })),
      { target },
    )
    vocabulary.forEach((token, i) => expect(Array.from(net({ x: [token] }).y as never)).toEqual([i]))
    expect(() => net({ x: [5] })).toThrow(/out of range/)
  })
})
it('integerLookup finds its vocabulary', () => {
  const layer = layers.integerLookup({ outputMode: 'tfIdf' })
  layer.adapt([[3, 5, 5], [5, 9, 3], [9, 9, 9]]) // prettier-ignore
  expect(layer.getVocabulary()).toEqual([-1, 9, 5, 3])
  // Each stands in two of three documents.
  const idf = Math.fround(Math.log(1 + 3 / 3))
  expect(rows(layer.apply([[9, 9, 1]]))).toEqual([[idf, 2 * idf, 0, 0]])
})

describe('textVectorization', () => {
  it('is that of the documentation of Keras', () => {
    const layer = layers.textVectorization({ maxTokens: 5000, outputSequenceLength: 4 })
    layer.adapt(['foo bar', 'bar baz', 'baz bada boom'])
    expect(rows(layer.apply([['foo qux bar'], ['qux baz']]))).toEqual([[4, 1, 3, 0], [1, 2, 0, 0]]) // prettier-ignore
    expect(rows(again(layer).apply(['foo qux bar']))).toEqual([[4, 1, 3, 0]])
    const given = layers.textVectorization({ vocabulary: ['earth', 'wind', 'and', 'fire'] })
    expect(given.getVocabulary()).toEqual(['', '[UNK]', 'earth', 'wind', 'and', 'fire'])
    expect(given.vocabularySize()).toBe(6)
  })
  const vocabulary = ['a', 'b', 'a b', 'ab', 'A!']
  it.each([
    [{}, 'A, b!  ab', [2, 3, 5]],
    [{ standardize: null }, 'A! b', [6, 3]],
    [{ standardize: 'lower' }, 'B A!', [3, 1]],
    [{ standardize: 'strip_punctuation' }, 'a. B', [2, 1]],
    [{ standardize: (text: string) => text.replaceAll('x', 'a') }, 'x b', [2, 3]],
    [{ split: 'character' }, 'abc', [2, 3, 1]],
    [{ split: null }, 'a b', [4]],
    [{ split: (text: string) => text.split('b') }, 'abab', [2, 2, 0]],
    [{ ngrams: 2 }, 'a b a', [2, 3, 2, 4, 1]],
    [{ ngrams: [2] }, 'a b a b', [4, 1, 4]],
    [{ outputSequenceLength: 2 }, 'a b a', [2, 3]],
    [{ outputMode: 'count' }, 'a b a c', [1, 2, 1, 0, 0, 0]],
    [{ outputMode: 'multiHot', maxTokens: 8, padToMaxTokens: true }, 'a b', [0, 1, 1, 0, 0, 0, 0, 0]],
  ])('%j', (options, text, wanted) => {
    const layer = layers.textVectorization({ vocabulary, ...options } as never)
    expect(rows(layer.apply(text))).toEqual(wanted)
    expect(rows(layer.apply([text, text]))).toEqual([wanted, wanted])
  })
  it('weighs tokens by how few texts have them', () => {
    const layer = layers.textVectorization({ outputMode: 'tfIdf' })
    layer.adapt(['a a b', 'b c', 'b'])
    expect(layer.getVocabulary()).toEqual(['[UNK]', 'b', 'a', 'c'])
    const [b, a, c] = [3, 1, 1].map((n) => Math.log(1 + 3 / (1 + n)))
    const found = layer.apply('a a c x')
    ;[(a! + b! + c!) / 3, 0, 2 * a!, c!].forEach((v, i) => expect(found[i]).toBeCloseTo(v, 6))
  })
})

describe('what is refused', () => {
  const inGraph = (layer: unknown, dtype: 'int32' | 'float32') => () => (layer as Layer)(input({ shape: [2], dtype }))
  it.each([
    [inGraph(layers.textVectorization(), 'int32'), /no strings in a graph: map them before, dataset\.map/],
    [inGraph(layers.stringLookup({ vocabulary: ['a'] }), 'float32'), /no strings in a graph: map them before, dataset\.map/],
    [inGraph(layers.hashing({ numBins: 3 }), 'int32'), /no words of 64 bits: map values before, dataset\.map/],
    [inGraph(layers.hashedCrossing({ numBins: 3 }), 'int32'), /no words of 64 bits: map values before, dataset\.map/],
    [inGraph(layers.integerLookup(), 'int32'), /no vocabulary yet; give one, or call adapt/],
    [inGraph(layers.integerLookup({ vocabulary: [1] }), 'float32'), /indices must be int32 or uint8/],
    [inGraph(layers.integerLookup({ vocabulary: [1], maskToken: 0, outputMode: 'count' }), 'int32'), /use apply\(numbers\) outside/],
    [() => layers.stringLookup().apply('a'), /no vocabulary yet/],
    [() => layers.stringLookup({ vocabulary: ['a'] }).apply([['a'], ['b', 'c']]), /uneven at depth 1: expected length 1/],
    [() => layers.stringLookup({ vocabulary: ['a'] }).apply([1] as never), /expected strings, found 1/],
    [() => layers.stringLookup({ vocabulary: ['a', 'b', 'a'] }), /the vocabulary has "a" twice/],
    [() => layers.stringLookup({ vocabulary: ['a', 'b'], maxTokens: 2 }), /has 3 tokens, maxTokens is 2/],
    [() => layers.stringLookup({ padToMaxTokens: true }), /padToMaxTokens needs maxTokens/],
    [() => layers.integerLookup({ maxTokens: 2, numOovIndices: 5 }), /maxTokens is 2, but 5 indices stand for/],
    [() => layers.stringLookup({ vocabulary: ['', 'a'], maskToken: '' }), /the vocabulary has "", which stands for/],
    [() => layers.stringLookup({ vocabulary: ['a', '[UNK]'], invert: true }), /the vocabulary has "\[UNK\]", which stands for/],
    [() => layers.hashedCrossing({ numBins: 3 }).apply([[NaN], [1]]), /not finite/],
    [() => layers.stringLookup({ invert: true, outputMode: 'count' }), /invert is for outputMode 'int'/],
    [() => layers.stringLookup({ vocabulary: ['a'], outputMode: 'tfIdf' }), /vocabulary and idfWeights are given together/],
    [() => layers.stringLookup({ sparse: true }), /leave sparse out/],
    [() => layers.textVectorization({ outputMode: 'count', outputSequenceLength: 3 }), /outputSequenceLength is for outputMode 'int'/],
    [() => layers.textVectorization({ standardize: 'upper' as never }), /standardize must be 'lower' or/],
    [() => layers.textVectorization({ standardize: (s) => s }).getConfig(), /a function is no part of a config/],
    [() => layers.textVectorization({ vocabulary: ['a'] }).apply([['a', 'b']]), /texts are \[n\] or \[n, 1\]/],
    [() => layers.hashing({ numBins: 2, salt: [1, 2, 3] as never }), /salt must be a whole number from 0, or two of them/],
    [() => layers.hashedCrossing({ numBins: 3 }).apply([['a']]), /two features or more/],
    [() => layers.hashedCrossing({ numBins: 3 }).apply([['a'], [1, 2]]), /they have \[1\] and \[2\]/],
  ] as const)('%#', (call, message) => expect(call).toThrow(message)) // prettier-ignore
})
