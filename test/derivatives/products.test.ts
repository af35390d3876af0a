import * as loom from 'gradloom'
import {
  add,
  compile,
  customGradient,
  entry,
  GraphError,
  gru,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  mul,
  scan,
  sin,
  square,
  stopGradient,
  sub,
  sum,
  tanh,
  tensor,
  type Tensor,
  vjp,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { source } from 'gradloom/inspect'
import { toposort } from '../../src/ir/graph'
import { makeInput } from '../../src/ops/leaf'
import { expectFault } from '../fault'
import { build, type Inputs, randomNumbers, sample, VARIANTS } from '../ops/cases'
import { expectNear } from './near'

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0)

describe('jvp', () => {
  it('computes nothing but values and tangents', () => {
    const x = tensor([32, 8], 'float64')
    const W = tensor([8, 16], 'float64')
    const forward = compile(
      entry({ x, W, dx: x, dW: W }, ({ x, W, dx, dW }) => {
        const [dy] = jvp([tanh(matmul(x, W))], [x, W], [dx, dW])
        return { outputs: { dy } }
      }),
      { target: 'js', schedule: 'plain' },
    )
    const text = source(forward)
    expect(text).not.toContain('cotangent')
    // x W, dx W and x dW: three products, and no product of a cotangent.
    expect(text.match(/\+= .* \* /g)).toHaveLength(3)
  })

  it('goes through loops and choices', () => {
    const inputs: Inputs = {
      x: { shape: [2, 5, 3], dtype: 'float64' },
      kernel: { shape: [3, 12], dtype: 'float64' },
      recurrentKernel: { shape: [4, 12], dtype: 'float64' },
    }
    const vectors = Object.fromEntries(Object.entries(inputs).map(([name, type]) => [`v_${name}`, type]))
    const random = randomNumbers(2)
    const all: Inputs = { ...inputs, ...vectors, u: { shape: [2, 4], dtype: 'float64' } }
    const feeds = Object.fromEntries(Object.entries(all).map(([name, { shape }]) => [name, sample({ shape, domain: 'any' }, random)])) // prettier-ignore
    for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
      const { run } = build(all, ({ x, kernel, recurrentKernel, u, ...rest }) => {
        const { last } = gru(x as Tensor<[2, 5, 3], 'float64'>, { kernel: kernel!, recurrentKernel: recurrentKernel! } as never) // prettier-ignore
        const y = loom.cond(loom.less(sum(last), 100), () => mul(sin(last), 2), () => last) as Tensor // prettier-ignore
        const by = [x!, kernel!, recurrentKernel!]
        const [dy] = jvp([y], by, Object.values(rest))
        const back = vjp([y], [u!], by)
        // A loop keeps its cotangents; none of what was a stand-in is left.
        expect(toposort([dy]).filter((t) => t.op.name === 'standIn')).toEqual([])
        return { outputs: { dy, ...Object.fromEntries(back.map((g, i) => [`g${i}`, g])) } }
      }, options) // prettier-ignore
      const r = run(feeds)
      const back = Object.keys(vectors).reduce((total, name, i) => total + dot(r[`g${i}`]!, feeds[name]!), 0)
      expectNear('u·Jv', [dot(r['dy']!, feeds['u']!)], [back])
    }
  })

  const x = makeInput('x', { shape: [3], dtype: 'float64' })
  const v = makeInput('v', { shape: [3], dtype: 'float64' })
  const clipped = customGradient([x], (t) => t, ({ cotangent }) => [loom.clip(cotangent, -1, 1)]) // prettier-ignore
  it.each<[string, () => unknown, string[]]>([
    ['a rule that is not linear', () => jvp([clipped], [x], [v]), ['not linear', 'customGradient("x"']],
    ['a tangent of another shape', () => jvp([sin(x)], [x], [sum(v)]), ['tangent 1 is float64[]', '"x" float64[3]']],
    ['too few tangents', () => jvp([sin(x)], [x, v], [v]), ['2 tensors need as many tangents, got 1']],
    ['no output', () => jvp([], [x], [v]), ['no outputs']],
    ['an integer', () => jvp([loom.argMax(x)], [x], [v]), ['only floats have derivatives']],
    ['an integer target', () => jvp([x], [loom.cast(x, 'int32')], [v]), ['int32']],
    ['a target that is not reached', () => jvp([stopGradient(x)], [x], [v]), ['"x"', 'stopGradient']],
    ['no scalar', () => hvp(sin(x), [x], [v]), ['hvp', 'scalar']],
    ['a vector of another shape', () => hvp(sum(sin(x)), [x], [sum(v)]), ['vector 1 is float64[]']],
    ['no scalar for a Hessian', () => hessian(sin(x), x), ['hessian', 'scalar']],
    ['an integer for a Jacobian', () => jacobian(loom.argMax(x), x), ['jacobian', 'only floats']],
  ])('refuses %s', (_, run, words) => expectFault(run, GraphError, ...words))

  it('goes through what is computed twice', () => {
    const inputs: Inputs = { x: { shape: [3], dtype: 'float64' }, v: { shape: [3], dtype: 'float64' } }
    const at = { x: [0.1, -0.4, 0.8], v: [1, 2, -3] }
    const { run } = build(inputs, ({ x, v }) => {
      const y = loom.checkpoint((t: Tensor): Tensor => sin(tanh(t)))(x!)
      return { outputs: { dy: jvp([y], [x!], [v!])[0], wanted: jvp([sin(tanh(x!))], [x!], [v!])[0] } }
    }, VARIANTS.wasm) // prettier-ignore
    const { dy, wanted } = run(at)
    expectNear('Jv', dy!, wanted!)
  })

  it('gives zeros where they are asked for', () => {
    const [a, b] = jvp([stopGradient(x), sin(x)], [x], [v])
    expect([a.shape, b.shape]).toEqual([[3], [3]])
    expect(() => jvp([stopGradient(x)], [x], [v], { disconnected: 'zeros' })).not.toThrow()
  })
})

describe('second derivatives', () => {
  it('are those of a function known by hand', () => {
    // Rosenbrock's function, (1 - a)² + 100 (b - a²)².
    const inputs: Inputs = { x: { shape: [2], dtype: 'float64' }, v: { shape: [2], dtype: 'float64' } }
    const [a, b] = [-0.7, 1.3]
    for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
      const { run } = build(inputs, ({ x, v }) => {
        const [p, q] = [loom.slice(x!, [{ end: 1 }]), loom.slice(x!, [{ start: 1 }])]
        const loss = sum(add(square(sub(1, p)), mul(100, square(sub(q, square(p))))))
        return { outputs: { H: hessian(loss, x!), Hv: hvp(loss, [x!], [v!])[0], g: jacobian(loss, x!) } }
      }, options) // prettier-ignore
      const { H, Hv, g } = run({ x: [a, b], v: [2, -1] })
      const exact = [2 - 400 * (b - 3 * a * a), -400 * a, -400 * a, 200]
      expectNear('H', H!, exact)
      expectNear('Hv', Hv!, [2 * exact[0]! - exact[1]!, 2 * exact[2]! - exact[3]!])
      expectNear('g', g!, [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)])
    }
  })

  it('of several tensors are blocks, zero where nothing mixes', () => {
    const [p, q] = [
      makeInput('p', { shape: [2], dtype: 'float64' }),
      makeInput('q', { shape: [3, 1], dtype: 'float64' }),
    ]
    const blocks = hessian(add(sum(sin(p)), sum(q)), [p, q])
    expect(blocks.map((row) => row.map((t) => t.shape))).toEqual([[[2, 2], [2, 3, 1]], [[3, 1, 2], [3, 1, 3, 1]]]) // prettier-ignore
  })
})

describe('jacobian', () => {
  const at = (n: number): string =>
    source(
      compile(
        entry({ x: tensor([n, 3]), W: tensor([3, 4]) }, ({ x, W }) => ({
          outputs: { J: jacobian(tanh(matmul(x, W)), W) },
        })),
        { target: 'js', schedule: 'plain' },
      ),
    )

  it('has code that does not grow with the rows', () => {
    expect(at(500).split('\n').length).toBe(at(5).split('\n').length)
  })

  it('of a loop is the Jacobian of its turns', () => {
    const inputs: Inputs = { x: { shape: [3], dtype: 'float64' }, W: { shape: [3, 3], dtype: 'float64' } }
    const step = (s: Tensor, W: Tensor): Tensor => tanh(matmul(W, s))
    for (const mode of ['reverse', 'forward'] as const) {
      const { run } = build(inputs, ({ x, W }) => {
        const { s } = scan({ carry: { s: x! }, length: 3, step: ({ s }) => ({ carry: { s: step(s, W!) } }) }).carry
        const byHand = [0, 1, 2].reduce((t) => step(t, W!), x!)
        return { outputs: { J: jacobian(s, W!, { mode }), wanted: jacobian(byHand, W!) } }
      }, VARIANTS.wasm) // prettier-ignore
      const { J, wanted } = run({ x: [0.1, -0.4, 0.8], W: [0.3, 1, -0.2, 0.5, 0.1, 0.9, -1, 0.4, 0.2] })
      expectNear(mode, J!, wanted!)
    }
  })
})
