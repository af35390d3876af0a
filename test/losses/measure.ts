import { compile, type CompileOptions, constant, type Data, entry, grad, mul, sum, tensor, type Tensor } from 'gradloom'
import { randomStream } from '../../src/init/random'
import type { DType } from '../../src/ir/type'

/** An operand of a loss: a typed array and its shape. */
export interface Operand {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: Data
}
export const operand = (shape: readonly number[], data: Data, dtype: DType = 'float64'): Operand => ({
  shape,
  dtype,
  data,
})
export const floats = (shape: readonly number[], values: readonly number[]): Operand =>
  operand(shape, Float64Array.from(values))
export const integers = (shape: readonly number[], values: readonly number[]): Operand =>
  operand(shape, Int32Array.from(values), 'int32')

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
/** Draws of a stream of this name. */
export function draws(name: string, shape: readonly number[], low = 0, high = 1): Operand {
  const random = randomStream(8, name)
  return floats(
    shape,
    Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform()),
  )
}
/** Rows that add up to 1. */
export function shares(name: string, shape: readonly number[]): Operand {
  const drawn = draws(name, shape, 0.1, 1)
  const width = shape.at(-1)!
  const total = (i: number): number => {
    const start = i - (i % width)
    return Array.from(drawn.data.slice(start, start + width)).reduce((a, b) => a + b, 0)
  }
  return floats(
    shape,
    Array.from(drawn.data, (v, i) => v / total(i)),
  )
}
export function classes(name: string, shape: readonly number[], count: number): Operand {
  return integers(shape, Array.from(draws(name, shape, 0, count).data, Math.floor))
}
export const oneHotOf = ({ shape, data }: Operand, count: number): Operand =>
  floats(
    [...shape, count],
    Array.from(data).flatMap((label) => Array.from({ length: count }, (_, k) => (k === label ? 1 : 0))),
  )

export interface Measured {
  readonly value: number[]
  readonly shape: readonly number[]
  readonly gradient: number[]
}

/** What a graph gives for operands by name, and the gradient of sum(value * c) by the one named p. */
export function measured(
  operands: Readonly<Record<string, Operand>>,
  build: (inputs: Readonly<Record<string, Tensor>>) => Tensor,
  c: readonly number[] | undefined,
  options: CompileOptions = { target: 'js' },
): Measured {
  const specs = Object.entries(operands).map(([name, { shape, dtype }]) => [name, tensor(shape as number[], dtype)])
  const run = compile(
    entry(Object.fromEntries(specs) as Record<string, ReturnType<typeof tensor>>, (all) => {
      const inputs = all as Readonly<Record<string, Tensor>>
      const value = build(inputs)
      const weighted = c ? mul(value, constant([...c], { shape: value.shape, dtype: value.dtype })) : value
      return { outputs: { value, gradient: grad(sum(weighted), [inputs['p']!])[0] } }
    }),
    options,
  )
  const feeds = Object.fromEntries(Object.entries(operands).map(([name, { data }]) => [name, data]))
  const { value, gradient } = run(feeds) as Record<string, number | (Data & { shape: readonly number[] })>
  const list = (x: number | Data): number[] => (typeof x === 'number' ? [x] : Array.from(x))
  return {
    value: list(value!),
    shape: typeof value === 'number' ? [] : value!.shape,
    gradient: list(gradient!),
  }
}

/** Central differences of sum(f(p) * c). */
export function slopes(f: (p: readonly number[]) => readonly number[], p: Data, c: readonly number[]): number[] {
  const at = Array.from(p)
  const step = 1e-6
  const of = (i: number, by: number): number =>
    f(at.map((v, k) => (k === i ? v + by : v))).reduce((total, v, k) => total + v * c[k]!, 0)
  return at.map((_, i) => (of(i, step) - of(i, -step)) / (2 * step))
}
