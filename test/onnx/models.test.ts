import { readFileSync } from 'node:fs'
import { add, compile, entry, grad, mean, sgd, square, sub, type Tensor, type Variable } from 'gradloom'
import { type OnnxModel, readOnnx } from 'gradloom/onnx'
import { describe, expect, it } from 'vitest'
import type { Data } from '../../src/ir/type'

interface Numbers {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
interface Case {
  readonly opset: number
  readonly x: Numbers
  readonly outputs: Readonly<Record<string, Numbers>>
}

const folder = new URL('../fixtures/onnx/', import.meta.url)
/** What test/fixtures/onnx/make.py has written. */
const cases = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Readonly<Record<string, Case>>
const read = (name: string): OnnxModel => readOnnx(readFileSync(new URL(`${name}.onnx`, folder)))

/** What is fed is of the dtype of the input and has its shape. */
function fed(model: OnnxModel, { shape, data }: Numbers): Data {
  const values = model.inputs['x']!.dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data)
  return Object.assign(values, { shape: [...shape] })
}

/** How far the numbers may be from those of PyTorch. */
const CLOSE = 1e-4
const STEPS = 8

describe.each(Object.entries(cases))('a model that PyTorch wrote: %s', (name, { x, outputs }) => {
  describe.each(['js', 'wasm'] as const)('on %s', (target) => {
    it('gives the numbers that PyTorch gives', () => {
      const model = read(name)
      const program = compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })), { target, threads: 1 }) // prettier-ignore
      const results = program({ x: fed(model, x) }) as Readonly<Record<string, Data>>
      expect(Object.keys(results)).toEqual(Object.keys(outputs))
      for (const [output, { shape, data }] of Object.entries(outputs)) {
        expect((results[output] as Data & { shape: readonly number[] }).shape).toEqual(shape)
        const distance = Math.max(...data.map((v, i) => Math.abs(v - results[output]![i]!)))
        expect(distance).toBeLessThan(CLOSE)
      }
    })

    it('is trained: losses fall, and slopes are those of differences', () => {
      const model = read(name)
      const loss = (inputs: Readonly<Record<string, Tensor>>): Tensor =>
        Object.values(model.call(inputs))
          .map((y) => mean(square(sub(y, 0.3))))
          .reduce((a, b) => add(a, b))
      const slopes = entry(model.inputs, (inputs) => {
        const value = loss(inputs)
        return { outputs: { value, ...named(grad(value, model.trainable)) } }
      })
      const train = entry(model.inputs, (inputs) => {
        const value = loss(inputs)
        return { outputs: { value }, updates: sgd(value, model.trainable, { learningRate: 0.05 }) }
      })
      const program = compile({ slopes, train }, { target, threads: 1 })
      const feeds = { x: fed(model, x) }
      const before = program.slopes(feeds) as Readonly<Record<string, number | Data>>
      expect(model.trainable.length).toBeGreaterThan(2)
      for (const [i, v] of model.trainable.entries()) {
        const at = (delta: number): number => {
          const own = (program.state.get(nameOf(v)) as Data).slice()
          const moved = own.slice()
          moved[0] = own[0]! + delta
          program.state.set(nameOf(v), moved)
          const { value } = program.slopes(feeds) as { readonly value: number }
          program.state.set(nameOf(v), own)
          return value
        }
        const step = 2 ** -7
        const slope = (before[`d${i}`] as Data)[0]!
        expect(slope).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3)
      }
      const losses = Array.from({ length: STEPS }, () => (program.train(feeds) as { readonly value: number }).value)
      expect(losses.at(-1)).toBeLessThan(0.95 * losses[0]!)
    })
  })
})

const nameOf = (v: Variable): string => v.origin.name!
const named = (tensors: readonly Tensor[]): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(tensors.map((t, i) => [`d${i}`, t]))
