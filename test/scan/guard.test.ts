import { add, compile, type CompileOptions, div, entry, grad, log, matmul, mul, named, NonFiniteError, scan, sgd, sqrt, square, sum, tanh, tensor, type Tensor, variable } from 'gradloom' // prettier-ignore
import { explain, graph, memory, passes, print, source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { build, randomNumbers } from '../ops/cases'
import { fault } from '../fault'
import { PROGRAMS } from './programs'
import { scanned } from './unrolled'

const MODES: Readonly<Record<string, CompileOptions>> = {
  js: { target: 'js' },
  plain: { target: 'js', schedule: 'plain' },
  wasm: { target: 'wasm', threads: 1 },
}

type Step = (h: Tensor, x: Tensor, W: Tensor) => { readonly h: Tensor; readonly y: Tensor }
/** What the report says of a program over x [4, 2] whose element [2, 1] was set. */
interface Row {
  readonly step: Step
  readonly value: number
  readonly found: Partial<NonFiniteError>
}
const ROWS: Readonly<Record<string, Row>> = {
  'an output': {
    step: (h, x) => ({ h: tanh(add(h, square(x))), y: named('logs', log(x)) }),
    value: 0,
    found: { index: [2, 1], value: -Infinity, part: 'forward' },
  },
  'a carry, from then on': {
    step: (h, x) => ({ h: add(h, log(x)), y: x }),
    value: -1,
    found: { value: NaN, part: 'forward' },
  },
  'the gradient alone': {
    step: (h, x, W) => ({ h: tanh(matmul(h, W)), y: sqrt(x) }),
    value: 0,
    found: { tensor: 'dx', index: [2, 1], value: NaN, part: 'backward' },
  },
  'a division of carries': {
    step: (h, x) => ({ h: mul(h, x), y: div(h, h) }),
    value: 0,
    found: { index: [3, 1], value: NaN, part: 'forward' },
  },
}

describe.each(Object.entries(MODES))('guard over a loop, %s', (_, options) => {
  it.each(Object.entries(ROWS))('finds %s', (_name, { step, value, found }) => {
    const W = variable('W', [2, 2], [[0.5, -0.25], [0.125, 1]]) // prettier-ignore
    const program = compile(
      {
        main: entry({ x: tensor([4, 2]), h: tensor([2]) }, ({ x, h }) => {
          const { carry, outputs } = scan({
            over: { x },
            carry: { h },
            step: ({ h }, { x }) => {
              const { h: next, y } = step(h, x, W)
              return { carry: { h: next }, outputs: { y } }
            },
          })
          const loss = add(add(sum(square(outputs.y)), sum(carry.h)), mul(sum(W), 0.1))
          const [dx] = grad(loss, [x])
          return { outputs: { loss, y: outputs.y, dx }, updates: sgd(loss, [W], { learningRate: 0.1 }) }
        }),
      },
      { ...options, guard: true },
    )
    const x = (v: number) => [[1, 2], [3, 4], [5, v], [0.5, 1]] // prettier-ignore
    expect(Number.isFinite(program.main({ x: x(2), h: [1, 2] }).loss)).toBe(true)
    const before = program.state.get('W')
    const error = fault(() => program.main({ x: x(value), h: [1, 2] })) as NonFiniteError
    expect(error, error.message).toBeInstanceOf(NonFiniteError)
    expect(error).toMatchObject(found)
    expect(program.state.get('W')).toEqual(before)
    expect(Number.isFinite(program.main({ x: x(2), h: [1, 2] }).loss)).toBe(true)
    program.dispose()
  })
})

describe('programs with loops', () => {
  it.each(PROGRAMS)('are guarded and looked into: %s', (_, of) => {
    const { inputs, body, feeds } = of('float64')
    const given = feeds(randomNumbers(1))
    const [plain, guarded] = [false, true].map((guard) => build(inputs, body(scanned), { target: 'js', guard }))
    const results = guarded!.run(given)
    for (const [name, values] of Object.entries(plain!.run(given)))
      values.forEach((v, i) => expect(Math.abs(results[name]![i]! - v)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(v)))) // prettier-ignore
    for (const { net, traced } of [plain!, guarded!]) {
      for (const schedule of ['plain', 'fast'] as const)
        for (const target of ['js', 'wasm'] as const) expect(source(net, { schedule, target })).toContain('step')
      for (const view of [explain(net), memory(net), passes(net)]) expect(view.toString()).not.toContain('undefined')
      for (const stage of ['traced', 'expanded', 'simplified', 'kernels'] as const)
        expect(graph(net, { stage }).nodeCount()).toBeGreaterThan(0)
      const text = print([...traced.roots.outputs.values()])
      expect(text).toContain('scan {"length":')
      expect(text).not.toContain('undefined')
    }
  })
})
