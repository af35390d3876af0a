import {
  adam,
  cast,
  compile,
  constant,
  entry,
  glorotUniform,
  GraphError,
  matmul,
  mean,
  mul,
  named,
  recordSites,
  relu,
  sgd,
  sparseSoftmaxCrossEntropy,
  square,
  sum,
  tanh,
  tensor,
  type Tensor,
  update,
  variable,
} from 'gradloom'
import { source, type SourceOptions } from 'gradloom/inspect'
import { describe, expect, test } from 'vitest'
import { entryInternals } from '../../src/compile/internals'
import { expectFault } from '../fault'
import { binaryOf, printedBinary } from '../wat'
import {
  elementwise,
  float64Model,
  longNames,
  mlp,
  namesOfLength,
  reductions,
  twoLosses,
  views,
} from '../inspect/models'

recordSites(false)

const wasm = (run: object, options: SourceOptions = {}): string => source(run, { target: 'wasm', ...options })
const models = {
  'an mlp with adam': () => mlp('adam').train,
  'an mlp with sgd': () => mlp('sgd').train,
  prediction: () => mlp('sgd').predict,
  'a float64 model': float64Model,
  'long names': longNames,
  'names of 120 characters': () => namesOfLength('attention_'.repeat(12)),
  'a long expression': elementwise,
  reductions,
  views,
  'two losses': twoLosses,
}

describe.each(Object.entries(models))('the text of %s', (_, model) => {
  const run = model()
  const { compilation } = entryInternals('test', run).current!

  test.each(['plain', 'fast'] as const)('assembles to the module that runs (%s)', (schedule) => {
    expect(printedBinary(wasm(run, { schedule }))).toEqual(binaryOf(run, schedule))
  })

  test.each(['plain', 'fast'] as const)('keeps to its lines and says what it touches (%s)', (schedule) => {
    const text = wasm(run, { schedule })
    expect(text.split('\n').filter((line) => line.length > 120)).toEqual([])
    const accesses = text.match(/\(\w+\.(load|store)\w*[^()]*\((;|i32\.const \d+ \(;)|\(\w+\.(load|store)/g)!
    expect(accesses.length).toBeGreaterThan(0)
    expect(accesses.filter((access) => !access.endsWith('(;'))).toEqual([])
    expect(text.match(/^ {2}\(func \$/gm)!.length).toBe(compilation.kernels.length + 1)
  })
})

const W = variable('W', [3, 2], 0)
const product = (target: 'js' | 'wasm') =>
  compile(
    entry({ x: tensor([4, 3]) }, ({ x }) => ({ outputs: { h: named('h', relu(matmul(x, W))) } })),
    { target, threads: 1 },
  )

/** With a product whose columns do not lie side by side. */
const mlpOn = (target: 'js' | 'wasm', schedule: 'plain' | 'fast' = 'fast') => {
  const [V, U] = [variable('V', [16, 12], glorotUniform()), variable('U', [12, 8], glorotUniform())]
  return compile(
    entry({ x: tensor([8, 16]) }, ({ x }) => {
      const loss = mean(square(matmul(relu(matmul(x, V)), U)))
      return { outputs: { loss }, updates: adam(loss, [V, U]) }
    }),
    { target, schedule, threads: 1 },
  )
}

test('a kernel reads well', () => {
  const run = product('js')
  expect(wasm(run, { of: 'h' })).toBe(`\
;; h float32[4, 2] = relu(x · W)
;;   matmul, relu; 56 flop, 104 B
;;   x at 128, W at 64, h at 192
(func $compute_h
  (local $i i32) (local $j i32) (local $total f64) (local $k i32)
  (local.set $i (i32.const 0))
  (loop $i ;; i = 0; i < 4; i++
    (local.set $j (i32.const 0))
    (loop $j ;; j = 0; j < 2; j++
      (local.set $total (f64.const 0))
      (local.set $k (i32.const 0))
      (loop $k ;; k = 0; k < 3; k++
        (local.set $total
          (f64.add (local.get $total)
            (f64.promote_f32
              (f32.mul
                (f32.load offset=128 (; x ;)
                  (i32.add (i32.mul (local.get $i) (i32.const 12)) (i32.mul (local.get $k) (i32.const 4))))
                (f32.load offset=64 (; W ;)
                  (i32.add (i32.mul (local.get $k) (i32.const 8)) (i32.mul (local.get $j) (i32.const 4))))))))
        (br_if $k (i32.lt_s (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 3))))
      (f32.store offset=192 (; h ;)
        (i32.add (i32.mul (local.get $i) (i32.const 8)) (i32.mul (local.get $j) (i32.const 4)))
        (f32.max (f32.demote_f64 (local.get $total)) (f32.const 0)))
      (br_if $j (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 2))))
    (br_if $i (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4)))))
`)
  expect(wasm(run).split('(module')[0]).toBe(`\
;; Memory of entry "main". Scratch that is not needed at the same time shares addresses.
;; (; x+4 ;) at a load or store: 4 elements of x beyond what the address in parentheses says.
;; address  bytes
;;      64     24  state   W  float32[3, 2]
;;     128     48  input   x  float32[4, 3]
;;     192     32  output  h  float32[4, 2]

`)
})

test('a program that runs as JavaScript shows what it would be', () => {
  for (const make of [product, mlpOn])
    for (const schedule of ['plain', 'fast'] as const)
      expect(wasm(make('js'), { schedule })).toBe(wasm(make('wasm'), { schedule }))
})

test('plain loops that run leave no room for panels: the fast ones lie elsewhere', () => {
  const fast = { schedule: 'fast' } as const
  expect(wasm(mlpOn('js'), fast)).toMatch(/\d+ +panel +\w+_panel /)
  expect(wasm(mlpOn('wasm', 'plain'), fast)).toBe(wasm(mlpOn('js'), fast))
})

test('the addresses are those of the binding that is asked for, else of the last call', () => {
  const make = (target: 'js' | 'wasm') =>
    compile(
      entry({ x: tensor(['B', 3]) }, ({ x }) => ({ outputs: { s: sum(x, { axis: 1 }) } })),
      { target, threads: 1 },
    )
  for (const run of [make('js'), make('wasm')]) {
    expect(wasm(run, { bindings: { B: 7 } })).toContain('i < 7')
    run({ x: [[1, 2, 3], [4, 5, 6]] }) // prettier-ignore
    expect(wasm(run)).toContain('i < 2')
    expectFault(() => wasm(run, { bindings: { C: 7 } }), GraphError, '"B"')
  }
  // The stretch that specialisations share moves when a larger one needs more and constants of another lie behind it.
  const run = compile(
    entry({ x: tensor(['B', 3]) }, ({ x }) => ({
      outputs: { y: mul(x, constant(Array.from({ length: x.shape[0] }, (_, i) => [(7 * i) % 5]))) },
    })),
    { target: 'wasm', threads: 1 },
  )
  const inputAt = (text: string): number => Number(/(\d+) +\d+ +input/.exec(text)![1])
  const before = inputAt(wasm(run, { bindings: { B: 2 } }))
  expect(inputAt(wasm(run, { bindings: { B: 2000 } }))).toBeGreaterThan(before)
  expect(inputAt(wasm(run, { bindings: { B: 2 } }))).toBe(before)
})

test('kernels that share a function take the places of their buffers', () => {
  const layers = Array.from({ length: 12 }, (_, i) => variable(`w${i}`, [4, 4], glorotUniform()))
  const run = compile(
    entry({ x: tensor([2, 4]) }, ({ x }) => {
      const loss = mean(square(layers.reduce<Tensor>((h, w) => tanh(matmul(h, w)), x)))
      return { outputs: { loss }, updates: sgd(loss, layers) }
    }),
    { target: 'wasm', threads: 1 },
  )
  for (const schedule of ['plain', 'fast'] as const) {
    const text = wasm(run, { schedule })
    expect(printedBinary(text)).toEqual(binaryOf(run, schedule))
    expect(text.match(/^ {2}\(func \$update_w\d+.* \(param \$w\d+ i32\)/gm)!.length).toBeLessThan(12)
    expect(text).toMatch(/^ {4}\(call \$update_w\d+\s+\(i32.const \d+ \(; x ;\)\)[^;]*\(; d_matmul_\d+ ;\)\)/m)
    for (const w of ['w0', 'w3', 'w7']) {
      const one = wasm(run, { schedule, of: `d_${w}` })
      expect(one.match(/^\(func /gm)).toHaveLength(1)
      expect(one).toMatch(new RegExp(`^;; d_${w} float32`, 'm'))
    }
  }
})

test('a step says what it checks and copies', () => {
  const [a, b] = [variable('a', [3], 1), variable('b', [3], 2)]
  const run = compile(
    entry({ x: tensor([2]), y: tensor([2, 3]) }, ({ x, y }) => ({
      outputs: { loss: mean(sparseSoftmaxCrossEntropy(mul(y, a), cast(mul(x, 2), 'int32'))) },
      updates: [update(a, b), update(b, a)],
    })),
    { target: 'wasm', threads: 1 },
  )
  const text = wasm(run, { schedule: 'fast' })
  expect(printedBinary(text)).toEqual(binaryOf(run, 'fast'))
  expect(text).not.toContain('undefined')
  expect(text).toMatch(
    /^ {4};; .*sparseSoftmaxCrossEntropy.*(\n {4};; .*)*\n {4}\(if \(i32.load \(i32.const \d+ \(; \w+ ;\)\)\)\n {6}\(then\n/m,
  )
  expect(text).toMatch(
    /^ {4}\(memory.copy \(i32.const \d+ \(; [ab] ;\)\) \(i32.const \d+ \(; \w+ ;\)\) \(i32.const 12\)\)/m,
  )
})

test('one kernel is found as on JavaScript', () => {
  const { train } = mlp('sgd')
  for (const of of ['d_W1', 'd_b2', 'd_h', 'h', 'z', 'loss', 'W1']) {
    const [text, js] = [wasm(train, { of }), source(train, { of })]
    expect(text.match(/^\(func /gm)).toHaveLength(1)
    expect(/\(func \$(\w+)/.exec(text)![1]).toBe(/function (\w+)/.exec(js)![1])
    expect(text.split('\n')[0]).toBe(js.split('\n')[0]!.replace('//', ';;'))
  }
  for (const of of ['d_W3', '', '__proto__'])
    expectFault(() => wasm(train, { of }), GraphError, `"${of}" is not a tensor`, '"d_W1"', '"h"', '"loss"')
  expectFault(() => wasm(train, { of: 'x' }), GraphError, '"x" is not computed', '"d_W1"')
  expectFault(() => wasm({}), GraphError, 'source', 'net.train')
  const targets = ['wat', 'auto', ''] as unknown as 'wasm'[]
  for (const target of targets)
    expectFault(() => source(train, { target }), GraphError, `target must be one of js, wasm, it is "${target}"`)
})
