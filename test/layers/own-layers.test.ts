import { add, constant, constantInit, GraphError, maximum, mean, mul, type Tensor, update, zeros } from 'gradloom'
import { type AnyLayer, type Call, defineLayer, layers, option, sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

// What TypeScript would refuse too is what these tests hand in.
const define = defineLayer as unknown as (rule: unknown) => (options?: object) => never
const call = ([x]: readonly Tensor[]) => x!
const RULE = { className: 'Own', name: 'own', options: {}, call }
/** A model of one layer that does this when it is called. */
const calling = (body: (at: Call, x: Tensor) => unknown, parts: Record<string, unknown> = {}) =>
  sequential([
    define({ ...RULE, parts: () => parts, call: ([x]: [Tensor], _: object, at: Call) => body(at, x) })({
      inputShape: [2],
      name: 'mine',
    }),
  ])

const kernelOf = (layer: AnyLayer) => {
  sequential([layer]).build([2])
  return layer.weights[0]!.options
}

describe('a rule that no layer can be made by', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['nothing', undefined, ['defineLayer: the keys must be an object', 'undefined']],
    ['no class', { ...RULE, className: undefined }, ['className must be a string', 'undefined']],
    ['an empty class', { ...RULE, className: '' }, ['className must be a string']],
    ['no name', { ...RULE, name: undefined }, ['"Own"', 'name must be a string', 'undefined']],
    ['no call', { ...RULE, call: undefined }, ['"Own"', 'call must be a function', 'undefined']],
    ['a misspelt key', { ...RULE, cal: call }, ['unknown key "cal"', 'call']],
    ['a method of Keras', { ...RULE, build: () => 0 }, ['unknown key "build"', 'call']],
    ['options that are a list', { ...RULE, options: [] }, ['options must be an object', 'an array']],
    ['a default for a rule', { ...RULE, options: { by: 2 } }, ['"Own"', '"by"', 'option.number', '2']],
    ['null for a rule', { ...RULE, options: { by: null } }, ['"by"', 'null']],
    ['the maker of a rule', { ...RULE, options: { by: option.number } }, ['"by"', 'option.number(1)', 'a function']],
    ['an option that every layer has', { ...RULE, options: { name: option.string() } }, ['every layer has "name"']],
    ['an arity that is a number', { ...RULE, arity: 2 }, ['arity must be { least, most }', '2']],
    ['a mask that is no rule', { ...RULE, mask: 'passes' }, ["mask must be 'pass', 'own' or a function", '"passes"']],
    ['parts that are no function', { ...RULE, parts: {} }, ['parts must be a function']],
    ['a check that is no function', { ...RULE, check: true }, ['check must be a function', 'true']],
    ['methods that are no function', { ...RULE, methods: {} }, ['methods must be a function']],
  ])('%s', (_, rule, parts) => expectFault(() => define(rule), GraphError, ...parts))

  it('has parts that are none', () => {
    expectFault(() => define({ ...RULE, parts: () => [] })(), GraphError, 'Own: the parts must be an object')
    expectFault(
      () => define({ ...RULE, parts: () => ({ a: 3 }) })(),
      GraphError,
      'Own: its part "a" must be a layer',
      '3',
    )
  })

  it('may leave its options out', async () => {
    const net = sequential([define({ className: 'Own', name: 'own', call })({ inputShape: [2] })])
    expect([...(await net.predict([[1, 2]]))]).toEqual([1, 2])
  })
})

describe('what a layer of one’s own asks for in a wrong way', () => {
  const weight = (...args: readonly unknown[]) => [
    (at: Call) => (at.weight as (...args: readonly unknown[]) => unknown)(...args),
  ]
  it.each<[string, readonly unknown[], readonly string[]]>([
    ['a weight without a name', weight([2]), ['at.weight takes a name', 'an array']],
    ['a weight without a shape', weight('b'), ['"b"', 'list of extents', 'undefined']],
    ['a weight of an extent', weight('b', 2), ['"b"', 'list of extents', '2']],
    ['a weight below nothing', weight('b', [-1]), ['b"', '-1']],
    ['an initializer that is not known', weight('b', [2], { initializer: 'zerus' }), ['"b"', '"zerus"', 'Zeros']],
    ['values for an initializer', weight('b', [2], { initializer: [1, 2] }), ['"b"', 'initializer', '[1,2]']],
    ['a regularizer that is not known', weight('b', [2], { regularizer: 'l3' }), ['"b"', 'regularizer', 'l3']],
    ['a constraint that is not known', weight('b', [2], { constraint: 'max' }), ['"b"', 'constraint', 'max']],
    ['a misspelt option', weight('b', [2], { trainble: false }), ['"b"', 'unknown option "trainble"', 'trainable']],
    ['trainable in a word', weight('b', [2], { trainable: 'no' }), ['"b"', 'trainable must be true or false', '"no"']],
    ['a dtype that there is not', weight('b', [2], { dtype: 'float16' }), ['"b"', 'dtype', 'float16', 'float32']],
    ['a loss that is a number', [(at: Call) => at.loss(3 as never)], ['at.loss', 'scalar tensor', '3']],
    ['a loss of a vector', [(at: Call) => at.loss(constant([1, 2]))], ['at.loss', 'scalar tensor', 'float32[2]']],
    ['updates of nothing', [(at: Call) => at.update([1] as never)], ['update(variable, next)']],
    ['updates that are no list', [(at: Call) => at.keep(1 as never)], ['updates must be an array']],
    ['a part that there is not', [(at: Call, x: Tensor) => at.layer(at.parts['b']!, x)], ['(a)', 'a layer', 'undefined']],
    ['within what there is not', [(at: Call, x: Tensor) => at.within(at.parts['b']!, x)], ['(a)', 'a layer', 'undefined']],
  ])('%s', (_, [body], parts) =>
    expectFault(
      () => calling((at, x) => ((body as (at: Call, x: Tensor) => unknown)(at, x), x), { a: layers.reLU() }),
      GraphError,
      'layer "mine" (Own)',
      ...parts,
    ),
  ) // prettier-ignore
})

describe('what a layer of one’s own may ask for', () => {
  it('weights by the names of their parts', async () => {
    const net = calling((at, x) => {
      const w = at.weight('w', [2], { initializer: 'ones', regularizer: 'l2', constraint: { className: 'NonNeg' } })
      const b = at.weight('b', [2], { initializer: constantInit(0.5), regularizer: null, constraint: undefined })
      return add(mul(x, w), b)
    })
    expect([...(await net.predict([[1, 2]]))]).toEqual([1.5, 2.5])
    const [w, b] = (net.layers[0] as AnyLayer).weights
    expect([w!.options.regularizer, w!.options.constraint].map((part) => typeof part)).toEqual(['function', 'function'])
    expect([b!.options.regularizer, b!.options.constraint]).toEqual([undefined, undefined])
  })

  it('a weight of which it says nothing, by Keras’s default', () => {
    const net = calling((at, x) => mul(x, at.weight('w', [1, 2])))
    const { initializer } = net.layers[0]!.weights[0]!.options
    const { initializer: kernel } = kernelOf(layers.dense({ units: 2 }))
    expect({ ...initializer }).toEqual({ ...kernel })
  })

  it('a loss and updates', async () => {
    const net = calling((at, x) => {
      const peak = at.weight('peak', [], { initializer: zeros(), trainable: false })
      at.loss(mean(x))
      at.update([update(peak as never, maximum(peak, mean(x)))])
      return mul(x, at.weight('w', [], { initializer: 'ones' }))
    })
    net.compile({ optimizer: 'sgd', loss: 'mse' })
    const { history } = await net.fit([[1, 2]], [[1, 2]])
    expect(history.loss).toEqual([1.5])
    expect(net.getWeights().map((w) => w[0])).toEqual([1, 1.5])
  })
})
