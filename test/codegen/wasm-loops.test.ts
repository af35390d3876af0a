import { describe, expect, it } from 'vitest'
import { emitModule } from '../../src/codegen/wasm/module'
import { type Axis, axisIndex, constIndex } from '../../src/ir/affine'
import type { Kernel, Param } from '../../src/ir/loop'
import { axisValue, literal, type Position, type Scalar } from '../../src/ir/scalar'
import { loop } from '../../src/schedule/loops'
import { engine } from './wasm-harness'

const i: Axis = { name: 'i', extent: 8, kind: 'space' }
const param = (offset: number, access: Param['access']): Param => ({
  buffer: {
    name: 'b',
    dtype: 'int32',
    shape: [8],
    size: 8,
    region: 'io',
    offset,
    of: undefined as never,
    live: [0, 0],
  },
  access,
})
const [from, to] = [param(0, 'read'), param(64, 'update')]
const element = (at: Position): Scalar => ({ kind: 'element', dtype: 'int32', from, at, lanes: 1 })

const fixed: Position = { index: constIndex(2) }
const byIndex: Position = { index: axisIndex(i) }
const byOffset: Position = { index: constIndex(0), offset: axisValue(i) }
const seven = literal(7, 'int32')

/** Loops in which one place alone asks where they are, or none. */
const ROWS: readonly (readonly [where: string, at: Position, value: Scalar, want: readonly number[]])[] = [
  ['nothing', fixed, seven, [0, 0, 7, 0, 0, 0, 0, 0]],
  ['the index of a store', byIndex, seven, new Array<number>(8).fill(7)],
  ['the offset of a store', byOffset, seven, new Array<number>(8).fill(7)],
  ['a value', fixed, axisValue(i), [0, 0, 7, 0, 0, 0, 0, 0]],
  ['the index of an element', fixed, element(byIndex), [0, 0, 80, 0, 0, 0, 0, 0]],
  ['the offset of an element', fixed, element(byOffset), [0, 0, 80, 0, 0, 0, 0, 0]],
]

describe('the counter of a loop, which may count down where nobody asks for it', () => {
  it.each(ROWS)('%s', (_, at, value, want) => {
    const body = [loop(i, [{ kind: 'store', to, at, value, lanes: 1 }])]
    const kernel: Kernel = { name: 'test', doc: [], params: [from, to], body }
    const { bytes } = emitModule({
      kernels: [kernel],
      items: [{ kind: 'run', kernel: 0 }],
      addressOf: (b) => b.offset,
      memory: { minPages: 1 },
      validate: true,
    })
    const memory = new engine.Memory({ initial: 1 })
    new Int32Array(memory.buffer, 0, 8).set([10, 20, 30, 40, 50, 60, 70, 80])
    new engine.Instance(new engine.Module(bytes), { env: { memory } }).exports['step']!()
    expect([...new Int32Array(memory.buffer, 64, 8)]).toEqual(want)
  })
})
