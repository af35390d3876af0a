import * as loom from 'gradloom'
import { FeedError, GraphError, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { sizeOf } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { makeInput } from '../../src/ops/leaf'
import { checkBounds } from '../fuzz/bounds'
import { build, CASES, type InputSpec, type OpCase, VARIANTS } from './cases'
import { Check } from './check'

// Wherever a shape of a case has an extent, there may be none: each axis of each operand, alone and with those of equal extent.

/** Cases of an op that are run with their gradients; these take most of the time. */
const WITH_GRADIENTS = 3
/** Some ops have hundreds of cases. */
const MILLISECONDS = 300_000

const withShapes = (test: OpCase, shapeOf: (x: InputSpec, i: number) => readonly number[]): OpCase => ({
  ...test,
  inputs: test.inputs.map((x, i) => ({ ...x, shape: shapeOf(x, i) })),
})

function emptied(test: OpCase): OpCase[] {
  const at = (x: InputSpec, axis: number): readonly number[] => x.shape.map((d, k) => (k === axis ? 0 : d))
  const alone = test.inputs.flatMap((x, i) =>
    x.shape.map((_, axis) => withShapes(test, (y, j) => (j === i ? at(y, axis) : y.shape))),
  )
  const extents = [...new Set(test.inputs.flatMap((x) => x.shape))]
  const equal = extents.map((d) => withShapes(test, (x) => x.shape.map((e) => (e === d ? 0 : e))))
  return [...alone, ...equal, withShapes(test, (x) => at(x, 0))]
}

const shapesOf = ({ inputs }: OpCase): string => inputs.map((x) => `${x.dtype}[${x.shape.join()}]`).join(' ')

const typeOf = ({ shape, dtype }: InputSpec) => ({ shape, dtype: dtype === 'float' ? 'float32' : dtype }) as const

/** Built cases that are accepted, one for each choice of attributes and of axes without extent. */
function accepted(name: OpName): Map<string, OpCase> {
  const found = new Map<string, OpCase>()
  for (const test of CASES[name].flatMap(emptied)) {
    const types = test.inputs.map(typeOf)
    try {
      const { attrs } = test.build(...types.map((type, i) => makeInput(`x${i}`, type)))
      const holes = types.map(({ shape, dtype }) => [dtype, ...shape.map((d) => d > 0)])
      const key = JSON.stringify([holes, attrs])
      if (!found.has(key)) found.set(key, test)
    } catch (error) {
      if (!(error instanceof GraphError)) throw new Error(`${shapesOf(test)}: ${String(error)}`, { cause: error })
    }
  }
  return found
}

/** No kernel reaches beyond its buffers, though there may be nothing in them. */
function within(test: OpCase): void {
  const inputs = Object.fromEntries(test.inputs.map((x, i) => [`x${i}`, typeOf(x)]))
  const body = (xs: Record<string, Tensor>) => ({ outputs: { y: test.build(...Object.values(xs)) } })
  for (const variant of ['fast', 'wasm'] as const)
    checkBounds(build(inputs, body, VARIANTS[variant]).specialised, VARIANTS[variant])
}

describe('extents of 0 are refused when the graph is built, or computed', () => {
  it.each(Object.keys(CASES) as OpName[])(
    '%s',
    (name) => {
      const faults: string[] = []
      for (const [i, test] of [...accepted(name).values()].entries())
        try {
          within(test)
          const differentiable = i < WITH_GRADIENTS && OPS[name].vjp !== null
          new Check({ differentiable }, test, 'float32').values()
        } catch (error) {
          // Indices into an axis without extent are refused when they are fed.
          if (error instanceof FeedError && error.message.includes('out of range')) continue
          faults.push(`${shapesOf(test)}: ${String(error)}`)
        }
      expect(faults).toEqual([])
    },
    MILLISECONDS,
  )
})

describe('matrices without elements, as in NumPy', () => {
  type Row = [shapes: number[][], build: (...xs: Tensor[]) => Tensor, shape: number[], value: number | undefined]
  const rows: Readonly<Record<string, Row>> = {
    'qr, q': [[[1, 0]], (x) => loom.qr(x).q, [1, 0], undefined],
    'qr, r': [[[1, 0]], (x) => loom.qr(x).r, [0, 0], undefined],
    'qr of no rows, q': [[[0, 3]], (x) => loom.qr(x).q, [0, 0], undefined],
    'qr of no rows, r': [[[0, 3]], (x) => loom.qr(x).r, [0, 3], undefined],
    determinant: [[[0, 0]], (x) => loom.determinant(x), [], 1],
    'determinant of each': [[[2, 0, 0]], (x) => loom.determinant(x), [2], 1],
    'sign of slogDet': [[[2, 0, 0]], (x) => loom.slogDet(x).sign, [2], 1],
    'logarithm of slogDet': [[[2, 0, 0]], (x) => loom.slogDet(x).logAbsDet, [2], 0],
    cholesky: [[[0, 0]], (x) => loom.cholesky(x), [0, 0], undefined],
    inverse: [[[2, 0, 0]], (x) => loom.inverse(x), [2, 0, 0], undefined],
    solve: [[[0, 0], [0, 2]], (a, b) => loom.solve(a, b), [0, 2], undefined], // prettier-ignore
    'eigh, values': [[[0, 0]], (x) => loom.eigh(x).values, [0], undefined],
    'eigh, vectors': [[[0, 0]], (x) => loom.eigh(x).vectors, [0, 0], undefined],
    'least squares without unknowns': [[[3, 0], [3, 2]], (a, b) => loom.leastSquares(a, b), [0, 2], undefined], // prettier-ignore
    'least squares without equations': [[[0, 3], [0, 2]], (a, b) => loom.leastSquares(a, b), [3, 2], 0], // prettier-ignore
  }
  it.each(Object.entries(rows))('%s', (_, [shapes, make, shape, value]) => {
    const inputs = Object.fromEntries(shapes.map((s, i) => [`x${i}`, { shape: s, dtype: 'float32' as const }]))
    const feeds = Object.fromEntries(shapes.map((s, i) => [`x${i}`, new Array<number>(sizeOf(s)).fill(1)]))
    for (const variant of ['fast', 'plain unfused', 'wasm'] as const) {
      const ran = build(inputs, (xs) => ({ outputs: { y: make(...Object.values(xs)) } }), VARIANTS[variant])
      expect(ran.traced.roots.outputs.get('y')!.shape).toEqual(shape)
      expect(Array.from(ran.run(feeds)['y']!)).toEqual(new Array(sizeOf(shape)).fill(value))
    }
  })
})
