import * as loom from 'gradloom'
import { add, cast, compile, constant, entry, GraphError, iterate, mul, scan, sum, tensor, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { makeInput } from '../../src/ops/leaf'
import { expectFault, fault } from '../fault'

const input = (name: string, shape: readonly number[], dtype: loom.DType = 'float32'): Tensor =>
  makeInput(name, { shape, dtype })
const x = input('x', [5, 3])
const y = input('y', [4, 3])
const h = input('h', [3])
const n = input('n', [], 'int32')

// What TypeScript would refuse too is what these tests hand in.
const wrong = scan as unknown as (options: Record<string, unknown>) => { outputs: Record<string, Tensor> }
type Carry = Record<string, Tensor>
const keeps = ({ h }: Carry) => ({ carry: { h: h! } })

// prettier-ignore
const ROWS: readonly (readonly [what: string, call: () => unknown, ...parts: readonly string[]])[] = [
  ['lengths that differ', () => wrong({ over: { x, y }, carry: {}, step: () => ({ carry: {} }) }), 'scan: "x" float32[5, 3] has 5 slices', 'and "y" float32[4, 3] has 4', 'equal'],
  ['a length that is not that of the slices', () => wrong({ over: { x }, length: 4, carry: {}, step: () => ({ carry: {} }) }), '"x"', '5 slices', 'the option length has 4'],
  ['no length', () => wrong({ carry: { h }, step: keeps }), 'over which tensors', '{ length }'],
  ['no turns', () => wrong({ length: 0, carry: { h }, step: keeps }), 'number of turns', 'from 1', '0'],
  ['fewer than none', () => wrong({ length: -2, carry: { h }, step: keeps }), 'number of turns', '-2'],
  ['half a turn', () => wrong({ length: 2.5, carry: { h }, step: keeps }), 'number of turns', '2.5'],
  ['a length that is no number', () => wrong({ length: '3', carry: { h }, step: keeps }), 'number of turns', '3'],
  ['no slices', () => wrong({ over: { x: input('x', [0, 3]) }, carry: { h }, step: keeps }), 'number of turns', '0'],
  ['a scalar to slice', () => wrong({ over: { n }, carry: { h }, step: keeps }), 'axis 0', '[]'],
  ['an axis that is none', () => wrong({ over: { x }, axis: 2, carry: { h }, step: keeps }), 'axis 2', '[5, 3]'],
  ['half an axis', () => wrong({ over: { x }, axis: 0.5, carry: { h }, step: keeps }), 'axis 0.5'],
  ['numbers to slice', () => wrong({ over: { x: [1, 2] }, carry: { h }, step: keeps }), 'tensor', 'array'],
  ['a number to carry', () => wrong({ length: 2, carry: { h: 1 }, step: keeps }), 'tensor', 'number'],
  ['no step', () => wrong({ length: 2, carry: { h } }), 'step must be a function'],
  ['a step that gives nothing', () => wrong({ length: 2, carry: { h }, step: () => undefined }), 'must return { carry', 'outputs'],
  ['a step that gives a tensor', () => wrong({ length: 2, carry: { h }, step: ({ h }: Carry) => h }), 'must return { carry'],
  ['a step that gives carries alone', () => wrong({ length: 2, carry: { h }, step: ({ h }: Carry) => ({ h }) }), 'must return { carry'],
  ['a step that gives something else', () => wrong({ length: 2, carry: { h }, step: ({ h }: Carry) => ({ carry: { h }, output: { h } }) }), '"output"', 'neither carry nor outputs'],
  ['a step that gives a promise', () => wrong({ length: 2, carry: { h }, step: async (c: Carry) => Promise.resolve(keeps(c)) }), 'must return { carry'],
  ['a carry that is not handed on', () => wrong({ length: 2, carry: { h, n }, step: keeps }), 'does not hand on the carry "n"'],
  ['a carry that is none', () => wrong({ length: 2, carry: { h }, step: ({ h }: Carry) => ({ carry: { h, g: h } }) }), 'hands on "g"', 'the carries are h'],
  ['a number that is handed on', () => wrong({ length: 2, carry: { n }, step: () => ({ carry: { n: 1 } }) }), 'does not hand on the carry "n"'],
  ['an output that is a number', () => wrong({ length: 2, carry: { h }, step: ({ h }: Carry) => ({ carry: { h }, outputs: { y: 1 } }) }), 'output "y"', 'not a tensor'],
  ['a carry of another shape', () => wrong({ length: 2, carry: { h }, step: ({ h }: Carry) => ({ carry: { h: sum(h!) } }) }), 'carry "h" begins as float32[3]', 'sum', 'float32[]', 'stay the same'],
  ['a carry that would be broadcast', () => wrong({ over: { x }, carry: { h: input('h', []) }, step: ({ h }: Carry, { x }: Carry) => ({ carry: { h: add(h!, x!) } }) }), 'carry "h" begins as float32[]', 'float32[3]'],
  ['a carry of another dtype', () => wrong({ length: 2, carry: { n }, step: ({ n }: Carry) => ({ carry: { n: mul(n!, 0.5) } }) }), 'carry "n" begins as int32[]', 'float32[]'],
  ['a carry of a wider dtype', () => wrong({ length: 2, carry: { h }, step: ({ h }: Carry) => ({ carry: { h: cast(h!, 'float64') } }) }), 'carry "h" begins as float32[3]', 'float64[3]'],
  ['an output without the axis', () => wrong({ over: { x }, axis: 1, carry: {}, step: (_: Carry, { x }: Carry) => ({ carry: {}, outputs: { y: sum(x!) } }) }), 'axis 1'],
  ['no memory', () => wrong({ length: 2, memory: 0, carry: { h }, step: keeps }), 'memory', 'above 0'],
  ['memory that is no number', () => wrong({ length: 2, memory: NaN, carry: { h }, step: keeps }), 'memory', 'NaN'],
  ['no iteration', () => iterate(0, { h }, ({ h }) => ({ h })), 'iterate: the number of turns', '0'],
  ['an iteration over a number', () => iterate(2, { h: 1 as never }, ({ h }) => ({ h })), 'iterate: expected a tensor', 'number'],
  ['an iteration without a step', () => iterate(2, { h }, undefined as never), 'iterate: step must be a function'],
  ['an iteration that gives nothing', () => iterate(2, { h }, () => undefined as never), 'iterate: what the step returns', 'by name'],
  ['an iteration that gives a tensor', () => iterate(2, { h }, ({ h }) => h as never), 'iterate: what the step returns', 'by name'],
  ['an iteration that drops a carry', () => iterate(2, { h, n }, ({ h }) => ({ h }) as never), 'iterate: the step does not hand on the carry "n"'],
  ['an iteration that changes a shape', () => iterate(2, { h }, ({ h }) => ({ h: sum(h) })), 'iterate: the carry "h" begins as float32[3]'],
  ['carries that are none', () => wrong({ length: 2, carry: null, step: keeps }), 'scan: carry must be tensors by name'],
  ['slices that are none', () => wrong({ over: x, length: 2, carry: { h }, step: keeps }), 'scan: over must be tensors by name'],
  ['operands in a step that do not fit', () => wrong({ over: { x }, carry: {}, step: (_: Carry, { x }: Carry) => ({ carry: {}, outputs: { y: add(x!, constant([1, 2])) } }) }), 'add', '[3]', '[2]'],
]

describe('what cannot be a loop is refused where it is written', () => {
  it.each(ROWS.map(([what, call, ...parts]) => [what, call, parts] as const))('%s', (_, call, parts) =>
    expectFault(call, GraphError, ...parts),
  )
})

describe('what exists in a step alone is not used outside of it', () => {
  const compiled = (body: (x: Tensor) => Tensor) => () =>
    compile(entry({ x: tensor([5, 3]) }, ({ x }) => ({ outputs: { y: body(x) } })))
  /** Runs a scan over x, whose step gives away what it was given. */
  const given = (x: Tensor): Record<'h' | 'x' | 't' | 'made', Tensor> => {
    let found: Record<'h' | 'x' | 't' | 'made', Tensor> | undefined
    scan({
      over: { x },
      carry: { h: sum(x) },
      step: ({ h }, { x }, t) => {
        found = { h, x, t, made: mul(x, h) }
        return { carry: { h } }
      },
    })
    return found!
  }

  it.each(['h', 'x', 't', 'made'] as const)('%s, as an output', (name) => {
    expectFault(compiled((x) => given(x)[name]), GraphError, 'entry "main"', 'only inside the step of a scan', 'hand it out') // prettier-ignore
  })
  it.each(['h', 'x', 't', 'made'] as const)('%s, in the step of another', (name) => {
    const body = (x: Tensor): Tensor => {
      const leaked = given(x)[name]
      return scan({ length: 2, carry: { h: sum(x) }, step: ({ h }) => ({ carry: { h: add(h, cast(sum(leaked), 'float32')) } }) }).carry.h // prettier-ignore
    }
    expectFault(compiled(body), GraphError, 'only inside the step of a scan')
  })
  it.each(['h', 'x', 't', 'made'] as const)('%s, in the step around it', (name) => {
    const body = (x: Tensor): Tensor =>
      scan({ length: 2, carry: { x }, step: ({ x }) => ({ carry: { x: mul(x, cast(sum(given(x)[name]), 'float32')) } }) }).carry.x // prettier-ignore
    expectFault(compiled(body), GraphError, 'only inside the step of a scan')
  })
  it('also if only a gradient would read it', () => {
    expectFault(
      compiled((x) => loom.grad(sum(mul(x, sum(given(x).h))), [x])[0]),
      GraphError,
      'only inside the step',
    )
  })
  it('or a choice', () => {
    expectFault(compiled((x) => loom.cond(loom.less(sum(x), 0), () => sum(given(x).x), () => sum(x))), GraphError, 'only inside the step') // prettier-ignore
  })
})

it('what fails in a step leaves no trace: the next draws from where it would have drawn', () => {
  const draws = (fails: boolean) =>
    compile(
      entry({}, () => {
        if (fails) fault(() => scan({ length: 2, carry: { h }, step: () => { throw new GraphError('no') } })) // prettier-ignore
        return { outputs: { y: loom.uniform([4]) } }
      }),
    )
  expect(draws(true)({}).y).toEqual(draws(false)({}).y)
})
