import { expect, test } from 'vitest'
import { add, compile, type DType, entry, gather, mul, tensor, type Tensor, update, variable } from '../../src/index'
import { source } from '../../src/inspect/index'

const MB = 2 ** 20

interface Lookup {
  readonly dtype: DType
  readonly width: number
  readonly count: number
  /** Megabytes of the table. */
  readonly size?: number
  /** The next value of the state, from its rows and the value that it has. */
  readonly next?: (taken: Tensor, before: Tensor) => Tensor
}

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array }
const numbers = (dtype: DType, n: number, seed: number) => {
  const values = new ARRAYS[dtype](n)
  for (let i = 0; i < n; i++) values[i] = Math.round(1000 * Math.sin(i * 1.7 + seed))
  return values
}

async function results({ dtype, width, count, size = 8.5, next = (taken) => taken }: Lookup) {
  const rows = Math.ceil((size * MB) / (ARRAYS[dtype].BYTES_PER_ELEMENT * width))
  const table = numbers(dtype, rows * width, 1)
  const at = Int32Array.from({ length: count }, (_, i) => (i * 7919 + (i % 3) * 31) % rows)
  const run = async (target: 'js' | 'wasm', threads: number) => {
    const state = variable('state', [count, width], numbers(dtype, count * width, 2), { dtype })
    const held = variable('table', [rows, width], table, { dtype })
    const step = entry({ at: tensor([count], 'int32') }, (feeds) => ({
      outputs: {},
      updates: [update(state, next(gather(held, feeds.at), state) as typeof state)],
    }))
    const net = compile({ step }, { target, threads: { count: threads, minWork: 0, spin: 0 } })
    await net.ready
    net.step({ at })
    net.step({ at })
    const found = [...net.state.get('state')]
    const text = target === 'wasm' && threads === 1 ? source(net.step, { target, schedule: 'fast' }) : ''
    net.dispose()
    return { found, text }
  }
  return { js: await run('js', 1), one: await run('wasm', 1), two: await run('wasm', 2) }
}

const scaled = (taken: Tensor): Tensor => mul(taken, 3)
const added = (taken: Tensor, before: Tensor): Tensor => add(taken, before)

test.each<[string, boolean, Lookup]>([
  ['are fetched line by line', true, { dtype: 'float32', width: 64, count: 1000 }],
  ['that end within a line', true, { dtype: 'float32', width: 41, count: 192 }],
  ['of seven lines', true, { dtype: 'float32', width: 112, count: 128 }],
  ['of float64', true, { dtype: 'float64', width: 24, count: 640 }],
  ['of whole numbers', true, { dtype: 'int32', width: 32, count: 1022 }],
  ['of bytes', true, { dtype: 'uint8', width: 200, count: 96 }],
  ['that are scaled', true, { dtype: 'float32', width: 64, count: 300, next: scaled }],
  ['that are added to what is there', false, { dtype: 'float32', width: 64, count: 300, next: added }],
  ['in no even parts', false, { dtype: 'float32', width: 64, count: 1009 }],
  ['of a small table', false, { dtype: 'float32', width: 64, count: 1000, size: 1 }],
  ['of a line', false, { dtype: 'float32', width: 4, count: 1000 }],
  ['of many lines', false, { dtype: 'float32', width: 272, count: 128 }],
])('rows %s are those of JavaScript', async (_, isFar, lookup) => {
  const { js, one, two } = await results(lookup)
  // Rows are walked through twice.
  expect(one.text.split('(loop $i ')).toHaveLength(isFar ? 3 : 2)
  expect(one.found).toEqual(js.found)
  expect(two.found).toEqual(js.found)
})
