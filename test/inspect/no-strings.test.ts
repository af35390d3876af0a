import { compile, entry, matmul, mean, sgd, tensor, variable } from 'gradloom'
import { dot, explain, inspect, memory, passes, source, svg } from 'gradloom/inspect'
import { writeOnnx } from 'gradloom/onnx'
import { expect, test, vi } from 'vitest'

// A policy that forbids code from strings, where there is no WebAssembly either: nothing runs, all can be looked at.
vi.mock('../../src/runtime/evaluate', () => ({
  allowsStrings: () => false,
  evaluateModule: () => {
    throw new Error('code from a string')
  },
}))

const W = variable('W', [4, 3], 0.5)
const net = compile(
  {
    train: entry({ x: tensor(['B', 4]) }, ({ x }) => {
      const loss = mean(matmul(x, W))
      return { outputs: { loss }, updates: sgd(loss, [W]) }
    }),
  },
  { target: 'js' },
)

test.each(Object.entries({ dot, explain, inspect, memory, passes, source, svg, writeOnnx }))(
  '%s shows an entry that cannot run here',
  async (_, look) => {
    const shown: unknown = await look(net.train, { bindings: { B: 5 } })
    expect(shown).toBeTruthy()
    expect(() => net.train({ x: new Float32Array(20) })).toThrow('code from a string')
  },
)

test('and says the same of it as anywhere', () => {
  const { graphs, kernels, bindings } = inspect(net.train, { bindings: { B: 5 } })
  expect(bindings).toEqual({ B: 5 })
  expect(graphs.traced.tensors.find((t) => t.name === 'x')!.shape).toEqual([5, 4])
  expect(kernels.map((k) => k.part)).toContain('update')
  expect(source(net.train, { bindings: { B: 5 } })).toContain('function update_W(')
})
