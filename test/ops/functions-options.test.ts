import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { CALLS, loss, w } from './optioned'

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

  it('of derivatives say what becomes of what is not reached', () => {
    const typo = { disconnected: 'zero' } as never
    expect(() => loom.grad(loss, [w], typo)).toThrow('grad: disconnected must be one of error, zeros, it is "zero"')
    expect(() => loom.jacobian(loss, w, typo)).toThrow('jacobian: disconnected')
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
