import { compile, type CompileOptions, entry, GraphError, mul, RuntimeError, tensor } from 'gradloom'
import { describe, expect, it, vi } from 'vitest'
import { programInternals } from '../src/compile/internals'
import { LinearMemory } from '../src/runtime/linear-memory'
import { expectFault } from './fault'

const hasWasm = 'WebAssembly' in globalThis
const double = (options: CompileOptions) =>
  compile(
    entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: mul(x, 2) } })),
    options,
  )
const runsOn = (options: CompileOptions): 'js' | 'wasm' => {
  const net = double(options)
  expect([...net({ x: [1, 2] }).y]).toEqual([2, 4])
  return programInternals('test', net).store.memory instanceof LinearMemory ? 'wasm' : 'js'
}

describe('the target', () => {
  it('is WebAssembly where there is some, else JavaScript, which is said once', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    for (const options of [{}, { target: 'auto' }, { threads: 1 }] as const)
      expect(runsOn(options)).toBe(hasWasm ? 'wasm' : 'js')
    expect(warn.mock.calls).toEqual(hasWasm ? [] : [[expect.stringContaining('run as JavaScript')]])
    warn.mockRestore()
  })

  it('is JavaScript for loops that people read, and where it was asked for', () => {
    for (const options of [{ schedule: 'plain' }, { target: 'js' }, { target: 'js', threads: 2 }] as const)
      expect(runsOn(options)).toBe('js')
  })

  it.runIf(hasWasm)('is WebAssembly where it was asked for', () => {
    for (const options of [{ target: 'wasm' }, { target: 'wasm', schedule: 'plain' }] as const)
      expect(runsOn(options)).toBe('wasm')
  })

  it.skipIf(hasWasm)('cannot be WebAssembly where there is none', () => {
    expectFault(() => double({ target: 'wasm' }), RuntimeError, 'no WebAssembly', 'target "js" runs here')
  })
})

describe('threads', () => {
  it.each([
    [0, "'auto' or a whole number from 1 to 64, got 0"],
    [1.5, 'got 1.5'],
    [65, 'got 65'],
    ['2', 'got 2'],
    [NaN, 'got NaN'],
    [{ count: 2, spin: -1 }, 'spin of threads must be a number from 0, it is -1'],
    [{ count: 2, minWork: NaN }, 'minWork'],
    [{ count: 2, deadline: '1' }, 'deadline'],
    [{ count: 2, wait: 1 }, 'unknown option "wait" of threads'],
    [{}, 'got undefined'],
  ])('%j is no number of threads', (threads, message) => {
    expectFault(() => double({ threads: threads as never }), GraphError, message)
  })
})
