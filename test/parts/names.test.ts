import { describe, expect, it } from 'vitest'
import { checkKeys, lookUp, nameIn, sameName } from '../../src/ir/names-of'

const TABLE = { leakyRelu: 1, relu: 2, MeanSquaredError: 3 }

describe('names', () => {
  it.each(['leakyRelu', 'leaky_relu', 'LeakyReLU', 'LEAKY-RELU', 'leaky relu'])('are one however written: %s', (id) => {
    expect(sameName(id, 'leakyRelu')).toBe(true)
    expect(nameIn('activation', Object.keys(TABLE), id)).toBe('leakyRelu')
    expect(lookUp('activation', TABLE, id)).toBe(1)
  })

  it('are not the same for a letter more or less', () => {
    expect(sameName('relu', 'relu6')).toBe(false)
    expect(sameName('leaky_relu', 'leaky_rel')).toBe(false)
  })

  it('may have others that lead to them, but never hide them', () => {
    expect(lookUp('loss', TABLE, 'M_S_E', { mse: 'MeanSquaredError', relu: 'leakyRelu' })).toBe(3)
    expect(lookUp('loss', TABLE, 'relu', { relu: 'leakyRelu' })).toBe(2)
  })

  it.each(['tanh', '', 'constructor', 'toString', 3, null])(
    'that are not known are refused with those that are: %s',
    (id) => {
      const shown = typeof id === 'string' ? `"${id}"` : String(id)
      const message = `there is no activation ${shown}; known are leakyRelu, relu, MeanSquaredError`
      expect(() => lookUp('activation', TABLE, id as string)).toThrow(message)
    },
  )
})

it('an option that is not known is refused', () => {
  checkKeys('elu', { alpha: 1 }, ['alpha'])
  expect(() => checkKeys('elu', { alfa: 1 }, ['alpha'])).toThrow('elu: unknown option "alfa"; known are alpha')
  expect(() => checkKeys('relu6', { alpha: 1 }, [])).toThrow('relu6: unknown option "alpha"; it has none')
})
