import { add, entry, matmul, max, mean, prod, sgd, sparseSoftmaxCrossEntropy, sum, tensor, variable } from 'gradloom'
import { type Case, floats, messageOf } from '../case'
import { exact, type Result } from '../expect'

const W = [
  [0.5, -1],
  [2, 0.25],
  [-3, 1],
]
const B = [0.125, -0.5]

export const cases: readonly Case[] = [
  {
    id: 'EMP-1',
    run: async (trial) => {
      trial.note('the mean of nothing is NaN')
      trial.buildError('max of nothing', { x: tensor([0, 3]) }, ({ x }) => max(x, { axis: 0 }), ['axis 0', 'empty'])
      await trial.numeric({
        build: (dtype) =>
          entry({ x: tensor([0, 3], dtype) }, ({ x }) => ({
            outputs: { s: sum(x, { axis: 0 }), p: prod(x, { axis: 0 }), m: mean(x, { axis: 0 }) },
          })),
        feeds: (dtype) => ({ x: floats(dtype, []) }),
        expected: { s: [0, 0, 0], p: [1, 1, 1], m: [NaN, NaN, NaN] },
      })
    },
  },
  {
    id: 'EMP-2',
    run: async (trial) => {
      trial.note('the loss of no samples is NaN')
      await trial.numeric({
        build: (dtype) => entry({ x: tensor([4, 3], dtype) }, ({ x }) => ({ outputs: { y: sum(x) } })),
        drive: (session, check, dtype) => {
          const none = {
            array: floats(dtype, []),
            nested: [],
            shaped: Object.assign(floats(dtype, []), { shape: [0, 3] }),
          }
          for (const [kind, x] of Object.entries(none)) {
            try {
              session.run('main', { x })
              check(false, `${kind}: 0 samples were accepted`)
            } catch (error) {
              trial.named(kind, messageOf(error), ['"x"', `${dtype}[4, 3]`, /got .*\b0\b/], check)
            }
          }
          return {}
        },
      })
      await trial.numeric({
        build: (dtype) => {
          const w = variable('w', [3, 2], W, { dtype })
          const b = variable('b', [2], B, { dtype })
          return entry({ x: tensor([0, 3], dtype), label: tensor([0], 'int32') }, ({ x, label }) => {
            const loss = mean(sparseSoftmaxCrossEntropy(add(matmul(x, w), b), label))
            return { outputs: { loss }, updates: sgd(loss, [w, b], { learningRate: 0.1 }) }
          })
        },
        drive: (session, _, dtype) => {
          const { loss } = session.run('main', { x: floats(dtype, []), label: new Int32Array(0) }) as { loss: Result }
          return { loss, w: session.state.get('w'), b: session.state.get('b') }
        },
        expected: { loss: NaN, w: exact(W), b: exact(B) },
      })
    },
  },
]
