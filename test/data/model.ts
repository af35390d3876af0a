import fc from 'fast-check'
import { dataset, type Dataset } from 'gradloom'

/** A pipeline step, and what it does to a plain array. Numbers go in and come out. */
export interface Step {
  readonly text: string
  readonly apply: (source: Dataset<number>) => Dataset<number>
  readonly model: (values: readonly number[]) => readonly number[]
}

/** The windows of `values`, the shorter ones at the end included or not. */
export function windowsOf<T>(
  values: readonly T[],
  {
    size,
    shift = size,
    stride = 1,
    dropRemainder = false,
  }: { size: number; shift?: number; stride?: number; dropRemainder?: boolean },
): T[][] {
  // prettier-ignore
  const windows: T[][] = []
  for (let start = 0; start < values.length; start += shift) {
    const window = Array.from({ length: size }, (_, i) => start + i * stride).filter((i) => i < values.length)
    if (window.length === size || !dropRemainder) windows.push(window.map((i) => values[i]!))
  }
  return windows
}

const count = fc.nat({ max: 7 })
const positive = fc.integer({ min: 1, max: 5 })
const total = (batch: ArrayLike<number>): number => Array.from(batch).reduce((sum, x) => sum + x, 0)

const step = (text: string, apply: Step['apply'], model: Step['model']): Step => ({ text, apply, model })

/** Steps whose order of elements is that of an array. */
const ordered: readonly fc.Arbitrary<Step>[] = [
  count.map((n) =>
    step(
      `take(${n})`,
      (d) => d.take(n),
      (xs) => xs.slice(0, n),
    ),
  ),
  count.map((n) =>
    step(
      `skip(${n})`,
      (d) => d.skip(n),
      (xs) => xs.slice(n),
    ),
  ),
  fc.nat({ max: 3 }).map((n) => step(`repeat(${n})`, (d) => d.repeat(n), (xs) => Array.from({ length: n }, () => xs).flat())), // prettier-ignore
  fc.constant(
    step(
      'map',
      (d) => d.map((x, i) => 2 * x + i),
      (xs) => xs.map((x, i) => 2 * x + i),
    ),
  ),
  fc.constant(
    step(
      'async map',
      (d) => d.map(async (x, i) => x + i),
      (xs) => xs.map((x, i) => x + i),
    ),
  ),
  fc.constant(
    step(
      'filter',
      (d) => d.filter((x) => x % 3 !== 0),
      (xs) => xs.filter((x) => x % 3 !== 0),
    ),
  ),
  fc.constant(step('async filter', (d) => d.filter(async (_, i) => i % 2 === 0), (xs) => xs.filter((_, i) => i % 2 === 0))), // prettier-ignore
  positive.map((n) =>
    step(
      `prefetch(${n})`,
      (d) => d.prefetch(n),
      (xs) => xs,
    ),
  ),
  fc.constant(
    step(
      'cache',
      (d) => d.cache(),
      (xs) => xs,
    ),
  ),
  fc.constant(
    step(
      'enumerate',
      (d) => d.enumerate().map(([i, x]) => i - x),
      (xs) => xs.map((x, i) => i - x),
    ),
  ),
  fc.array(fc.nat(99), { maxLength: 4 }).map((ys) => step(`concatenate([${ys}])`, (d) => d.concatenate(dataset.from(ys)), (xs) => [...xs, ...ys])), // prettier-ignore
  positive.map((n) => step(`batch(${n}).unbatch()`, (d) => d.batch(n, { dtype: 'float64' }).unbatch<number>(), (xs) => xs)), // prettier-ignore
  fc.record({ size: positive, shift: positive, stride: positive, dropRemainder: fc.boolean() }).map(
    (options) =>
    step(`window(${JSON.stringify(options)})`, (d) => d.window({ ...options, dtype: 'float64' }).map(total), (xs) => windowsOf(xs, options).map(total)), // prettier-ignore
  ),
  fc.constant(step('zip', (d) => dataset.zip({ a: d, b: d.skip(1) }).map(({ a, b }) => a - 2 * b), (xs) => xs.slice(1).map((b, i) => xs[i]! - 2 * b))), // prettier-ignore
]

/** Steps that put elements into an order of their own; the model keeps the elements only. */
const unordered: readonly fc.Arbitrary<Step>[] = [
  fc.record({ size: positive, seed: fc.integer(), reshuffle: fc.boolean() }).map(
    ({ size, seed, reshuffle }) =>
    step(`shuffle(${size}, ${seed})`, (d) => d.shuffle(size, { seed, reshuffle }), (xs) => xs), // prettier-ignore
  ),
]

const named = (steps: readonly Step[]): Step => ({
  text: steps.map(({ text }) => text).join('.'),
  apply: (source) => steps.reduce((d, { apply }) => apply(d), source),
  model: (values) => steps.reduce((xs, { model }) => model(xs), values),
})

export const orderedPipeline = fc.array(fc.oneof(...ordered), { maxLength: 5 }).map(named)
export const anyPipeline = fc.array(fc.oneof(...ordered, ...unordered), { maxLength: 5 }).map(named)

/** The kinds of sources there are, over the same values; each may be passed over again. */
export const SOURCES: Readonly<Record<string, (values: readonly number[]) => Dataset<number>>> = {
  array: (values) => dataset.from(values),
  'typed array': (values) => dataset.from(Float64Array.from(values)),
  'record of columns': (values) => dataset.from({ v: values }).map(({ v }) => v),
  set: (values) => dataset.from(new Set(values.map((v, i) => [v, i] as const))).map(([v]) => v),
  'generator function': (values) =>
    dataset.from(function* () {
      yield* values
    }),
  'async generator function': (values) =>
    dataset.from(async function* () {
      for (const v of values) {
        await Promise.resolve()
        yield v
      }
    }),
  'async iterable': (values) =>
    dataset.from({
      async *[Symbol.asyncIterator]() {
        yield* values
      },
    }),
}
export const sourceKind = fc.constantFrom(...Object.keys(SOURCES))
export const values = fc.array(fc.nat(999), { maxLength: 23 })

/** All of a pass, one by one as a consumer asks. */
export async function read<T>(pass: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const element of pass) all.push(element)
  return all
}
