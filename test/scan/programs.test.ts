import { describe, it } from 'vitest'
import { checkProgram } from './check'
import { PROGRAMS } from './programs'

describe('a loop is its turns written out, first and second gradients too', () => {
  it.each(PROGRAMS)('%s', (_, of) => checkProgram(of('float64')))
  it.each(PROGRAMS)('%s, float32', (_, of) => checkProgram(of('float32'), ['plain', 'wasm', 'wasm unfused']))
})
