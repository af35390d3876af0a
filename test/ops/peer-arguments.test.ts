import * as g from 'gradloom'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

type Body = (x: g.Tensor<[2, 4, 4, 3]>) => unknown
const traced = (body: Body): unknown =>
  g.compile(g.entry({ x: g.tensor([2, 4, 4, 3]) }, ({ x }) => ({ outputs: { y: body(x) as g.Tensor } })))
/** Functions with the arguments of other libraries, as untyped code calls them. */
const untyped = g as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>

describe('arguments as other libraries take them', () => {
  it.each(['concat', 'stack'])('%s says how an axis is given', (name) => {
    const message = `${name}: the options must be an object, they are the number -1; write { axis: -1 }`
    expectFault(() => traced((x) => untyped[name]!([x, x], -1)), g.GraphError, message)
  })
  it.each(['sum', 'softmax', 'argMax', 'cumSum', 'maxPool2d'])('%s says which option a number may be', (name) => {
    const key = name === 'maxPool2d' ? 'size' : 'axis'
    expectFault(() => traced((x) => untyped[name]!(x, 2)), g.GraphError, `they are the number 2; write { ${key}: 2 }`)
  })
  it('an optimiser has no such option', () => {
    const v = g.variable('v', [], 1)
    expect(() => untyped['sgd']!(v, [v], 0.1)).toThrow(/^sgd: the options must be an object, they are the number 0.1$/)
  })
  it.each(['upSampling1d', 'upSampling2d', 'upSampling3d'])('%s takes its size before the options', (name) => {
    const fault = 'options come behind it, it is an object'
    expectFault(() => traced((x) => untyped[name]!(x, { size: 2 })), g.GraphError, name, fault)
  })
  it.each(['zeros', 'ones', 'randomNormal', 'glorotUniform'])('%s makes no tensor', (name) => {
    expectFault(
      () => traced(() => untyped[name]!()),
      g.GraphError,
      '"y" is not a tensor',
      'initializer',
      'fill([2], 0)',
    )
  })
  it('bernoulli takes no probabilities by element', () => {
    const fault = 'less(uniform(p.shape), p)'
    expectFault(() => traced((x) => untyped['bernoulli']!(x)), g.GraphError, 'bernoulli', fault)
    expectFault(() => traced((x) => untyped['bernoulli']!([2, 4, 4, 3], { p: x })), g.GraphError, 'bernoulli', fault)
  })
  it.each(['lbfgs', 'newton'])('%s wants to know the variables', (name) => {
    const v = g.variable('v', [], 1)
    const p = g.compile(g.entry({}, () => ({ outputs: { loss: g.square(v) } })))
    expectFault(() => untyped[name]!(p, p, {}), g.GraphError, `${name}: variables: a list of variables is needed`)
    expectFault(() => untyped[name]!({}, p, { variables: [v] }), g.GraphError, `${name}: the entry must be a function`)
    expectFault(() => g.flatState(p, undefined as never), g.GraphError, 'flatState: a list of variables is needed')
  })
})
