import { expect, test } from 'vitest'
import { add, compile, entry, fill, log, matmul, mul, named, NonFiniteError, scan, sgd, square, sum, tanh, tensor, variable } from '../../src/index' // prettier-ignore
import { dot, explain, memory, print, source } from '../../src/inspect/index'

const program = () => {
  const W = variable(
    'W',
    [3, 3],
    [
      [0.1, 0.2, 0.3],
      [0.3, 0.1, 0.2],
      [0.2, 0.3, 0.1],
    ],
  )
  return entry({ x: tensor([5, 2, 3]) }, ({ x }) => {
    const { outputs } = scan({
      over: { x },
      carry: { h: fill([2, 3], 0) },
      step: ({ h }, { x }) => {
        const next = tanh(add(named('z', log(x)), matmul(h, W)))
        return { carry: { h: next }, outputs: { h: next } }
      },
    })
    const loss = sum(square(outputs.h))
    return { outputs: { loss }, updates: sgd(loss, [W], { learningRate: 0.1 }) }
  })
}
const ones = (): Float32Array => new Float32Array(30).fill(1)

test('guard names the result of a loop with the turn in which it is first no number', () => {
  const net = compile({ main: program() }, { guard: true })
  expect(net.main({ x: ones() }).loss).toBe(0)
  const x = ones()
  x[13] = -1
  let caught: unknown
  try {
    net.main({ x })
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(NonFiniteError)
  const { index, value, part, site } = caught as NonFiniteError
  expect(index).toEqual([2, 0, 1])
  expect(value).toBeNaN()
  expect(part).toBe('forward')
  expect(site).toContain('inspect.test.ts')
  expect(net.main({ x: ones() }).loss).toBe(0)
})

test('kernels of a body are found by the names in it', () => {
  const net = compile({ main: program() })
  expect(source(net.main, { of: 'z' })).toContain('z float32[2, 3] = log(x)')
  expect(source(net.main, { of: 'd_W' })).toContain("d_W float32[3, 3] = einsum('kli,klj->ij', h_turns")
  expect(source(net.main)).toMatch(/for \(let t = 0; t < 5; t\+\+\) \{\n {4}compute_/)
  expect(source(net.main)).toMatch(/for \(let t_2 = 4; t_2 >= 0; t_2--\) \{\n {4}compute_/)
  expect(source(net.main, { target: 'wasm', schedule: 'fast' })).toContain('(loop $t ;; t = 0; t < 5; t++')
  expect(explain(net.main).toString()).toContain('z float32[2, 3] = log(x)')
  expect(memory(net.main).buffers.map((b) => b.name)).toContain('h_turns')
  for (const stage of ['traced', 'expanded', 'simplified', 'kernels'] as const)
    expect(dot(net.main, { stage })).toMatch(/^digraph \{[^]*\}\n$/)
})

test('a graph is printed with the body of a loop below it', () => {
  const texts: string[] = []
  compile(
    entry({ x: tensor([2]) }, ({ x }) => {
      const { carry } = scan({ length: 3, carry: { h: x }, step: ({ h }) => ({ carry: { h: mul(h, 2) } }) })
      texts.push(print(carry.h))
      return { outputs: { y: carry.h } }
    }),
  )
  expect(texts[0]!.replace(/ {3}inspect\.test\.ts:\d+/g, '')).toBe(
    [
      'h = part {"kind":"final","index":0} float32[2]',
      '  scan {"length":3,"reverse":false} bool[]',
      '      mul float32[2]',
      '        h = standIn float32[2]',
      '        2 float32[]',
      '    x = input float32[2]',
    ].join('\n'),
  )
})
