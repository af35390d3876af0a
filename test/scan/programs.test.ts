import { describe, it } from 'vitest'
import { checkProgram } from './check'
import { PROGRAMS } from './programs'

describe.each(['float64', 'float32'] as const)(
  'a loop is its turns written out, first and second gradients too, %s',
  (dtype) => {
    it.each(PROGRAMS)('%s', (_, of) => checkProgram(of(dtype)))
  },
)
