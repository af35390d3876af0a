import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { layers } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { CALLS, FLAGS, loss, w } from './optioned'

/** What must be given besides flags. */
const NEEDED: Readonly<Record<string, object>> = {
  rnn: { initialState: loom.fill([2, 2], 0) },
  splitDataset: { left: 0.5 },
}

describe('options', () => {
  it.each(Object.entries(CALLS))('of %s are told apart by every letter, and are a record', (name, call) => {
    for (const [wrong, part] of [
      [{ nonsense: 1 }, 'nonsense'],
      [null, 'null'],
      [0, '0'],
      ['fast', '"fast"'],
      [[1], 'an array'],
      [() => 1, 'a function'],
    ] as const) {
      const run = () => call(wrong as never)
      expect(run, String(part)).toThrow(loom.GraphError)
      expect(run).toThrow(part)
      expect(run).toThrow(new RegExp(`^${name}\\b`))
    }
  })

  it.each(Object.entries(FLAGS))('of %s that are flags are true or false', (name, flags) => {
    for (const flag of Object.keys(flags))
      for (const wrong of ['false', 0, null]) {
        const run = () => CALLS[name as keyof typeof FLAGS]({ ...NEEDED[name], [flag]: wrong } as never)
        expect(run, `${flag}: ${wrong}`).toThrow(loom.GraphError)
        expect(run, `${flag}: ${wrong}`).toThrow(`${flag} must be true or false, it is `)
      }
  })

  it('of derivatives say what becomes of what is not reached', () => {
    const typo = { disconnected: 'zero' } as never
    expect(() => loom.grad(loss, [w], typo)).toThrow('grad: disconnected must be one of error, zeros, it is "zero"')
    expect(() => loom.jacobian(loss, w, typo)).toThrow('jacobian: disconnected')
  })

  it('of optimisers come behind what is trained: variables, at least one, each once', () => {
    const dense = layers.dense({ units: 1 })
    dense(loom.fill([1, 2], 1))
    const WRONG: readonly (readonly [list: unknown, text: string])[] = [
      [[], 'the list of variables is empty, so nothing would be trained'],
      [dense.weights, 'one is a weight; give its variable, w.variable once the layer was called'],
      [[undefined], 'one is undefined'],
      [[w, w], '"w" float32[3, 2]'],
      [[w, w], 'is in the list twice'],
      [[1], 'one is 1'],
      [[loom.square(w)], 'is not a variable'],
      [undefined, 'must be a list of variables'],
    ]
    for (const name of ['sgd', 'adam', 'adamw', 'adagrad', 'rmsprop', 'adafactor', 'adamax', 'lamb', 'nadam', 'adadelta', 'ftrl', 'lion', 'muon'] as const) {
      const rule = loom[name] as (of: Tensor, list: never) => unknown
      for (const [list, text] of WRONG) {
        expect(() => rule(loss, list as never)).toThrow(loom.GraphError)
        expect(() => rule(loss, list as never)).toThrow(text)
        expect(() => rule(loss, list as never)).toThrow(new RegExp(`^${name}: `))
      }
      expect(() => rule(undefined as never, [w] as never)).toThrow(loom.GraphError)
    } // prettier-ignore
  })

  it('of Adam say where epsilon goes', () => {
    const typo = { epsilonPlacement: 'Keras' } as never
    for (const name of ['adam', 'adamw'] as const)
      expect(() => loom[name](loss, [w], typo)).toThrow(`${name}: epsilonPlacement must be one of keras, paper`)
  })

  it('of shapes are what a program can walk along', () => {
    expect(() => loom.range(0, 2 ** 31 + 8, { dtype: 'float64' })).toThrow(/2147483656, an axis has 2147483647/)
    expect(() => loom.fill([2 ** 31], 1)).toThrow(loom.GraphError)
  })

  it('of optimisers that average are below 1', () => {
    const averages: readonly (readonly [name: string, option: string])[] = [
      ['adam', 'beta1'],
      ['adam', 'beta2'],
      ['adamw', 'beta2'],
      ['adamax', 'beta1'],
      ['nadam', 'beta2'],
      ['lamb', 'beta1'],
      ['lion', 'beta2'],
      ['rmsprop', 'rho'],
      ['adadelta', 'rho'],
      ['muon', 'adamBeta2'],
    ]
    const rules = loom as unknown as Readonly<
      Record<string, (loss: Tensor, w: readonly Tensor[], o: object) => unknown>
    >
    for (const [name, option] of averages) {
      for (const value of [1, 2])
        expect(() => rules[name]!(loss, [w], { [option]: value })).toThrow(
          `${name}: ${option} must be a number from 0 up to 1 (not 1), it is ${value}`,
        )
      expect(() => rules[name]!(loss, [w], { [option]: 0 })).not.toThrow()
    }
  })
})
