import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Recorder } from '../../src/training/history'

const names = fc.uniqueArray(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), {
  minLength: 1,
  maxLength: 4,
})

it('records logs of any names, what grows later once, and gives them to another recorder', () => {
  fc.assert(
    fc.property(names, fc.array(fc.double(), { minLength: 1, maxLength: 4 }), (names, values) => {
      const recorder = new Recorder()
      values.forEach((value, epoch) => {
        const logs: Record<string, number> = Object.fromEntries(names.slice(1).map((name) => [name, value]))
        recorder.add(epoch, logs)
        Object.defineProperty(logs, names[0]!, { value, enumerable: true })
        recorder.settle()
        recorder.settle()
      })
      const rows = Object.fromEntries([...names.slice(1), names[0]!].map((name) => [name, values]))
      expect(recorder.history).toEqual(rows)
      const other = new Recorder()
      other.restore(recorder.epoch, recorder.history)
      other.settle()
      expect([other.epoch, other.history]).toEqual([values.map((_, epoch) => epoch), rows])
    }),
  )
})
