import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { UsageError } from '../../examples/lib/command'
import { parse, program, run } from '../../examples/mnist-mlp'

describe('one epoch of mnist-mlp', () => {
  const out = mkdtempSync(join(tmpdir(), 'gradloom-examples-'))
  afterAll(() => rmSync(out, { recursive: true }))
  const read = (file: string): string => readFileSync(join(out, file), 'utf8')
  const lines: string[] = []
  const result = run({ seeds: [1], epochs: 1, out, print: (line) => lines.push(line) })
  const printed = lines.join('\n')

  test('reads nine of ten held-out digits', () => {
    expect(result.accuracy).toBeGreaterThan(0.88)
    const [, loss] = /loss (\d\.\d{4}) {2}accuracy 0\.\d{4} {2}\d+ steps\/s/.exec(printed) ?? []
    expect(Number(loss)).toBeLessThan(0.7)
  })

  test('writes its result', () => {
    expect(JSON.parse(read('result.json'))).toEqual(result)
    expect(result).toEqual({
      accuracy: expect.closeTo(0.93, 1) as number,
      heldOut: 2000,
      seeds: [1],
      trainSeconds: expect.any(Number) as number,
      stepsPerSecond: expect.any(Number) as number,
      target: 'WebAssembly' in globalThis ? 'wasm' : 'js',
    })
    expect(result.trainSeconds).toBeGreaterThan(0)
    expect(result.stepsPerSecond).toBeGreaterThan(0)
  })

  test('writes the step plain and fast', () => {
    const [plain, fast] = [read('train.plain.js'), read('train.fast.js')]
    for (const text of [plain, fast]) expect(text).toMatch(/d_W1[^]*function step\(/)
    expect(fast.length).toBeGreaterThan(plain.length)
  })

  test('prints the kernel of d_W1', () => {
    const [, kernel] = printed.split('and with it the next W1:\n\n')
    expect(kernel).toMatch(/^\/\/ d_W1 float32\[784, 256\] = xᵀ · d_z1\n/)
    expect(kernel).toContain('d_W1 +=')
    expect(read('train.plain.js')).toContain(kernel!.trim())
  })
})

test('a seed gives its own first weights, the same each time', () => {
  const first = (seed: number) => program(seed).state.get('W1').slice(0, 100)
  expect(first(1)).toEqual(first(1))
  expect(first(1)).not.toEqual(first(2))
})

describe('arguments of mnist-mlp', () => {
  test('are seeds and short', () => {
    expect(parse([])).toEqual({ seeds: [1], epochs: 5 })
    expect(parse(['--seeds', '1,2,3'])).toEqual({ seeds: [1, 2, 3], epochs: 5 })
    expect(parse(['--short'])).toEqual({ seeds: [1], epochs: 2 })
  })

  test.each([
    [['--seeds', 'abc'], /--seeds takes whole numbers.*"abc"/],
    [['--seeds', '1,,2'], /"1,,2"/],
    [['--seeds', '1.5'], /"1.5"/],
    [['--seeds', ''], /""/],
    [['--seed', '1'], /--seed'/],
    [['1'], /'1'/],
  ])('%j are refused', (args, message) => {
    expect(() => parse(args)).toThrow(UsageError)
    expect(() => parse(args)).toThrow(message)
  })
})
