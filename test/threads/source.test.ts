import { source } from 'gradloom/inspect'
import { expect, test } from 'vitest'
import { DIVIDED } from '../cases/modes'
import { binaryOf, printedBinary } from '../wat'
import { classifier } from './models'

test('the text of a program on threads is of what runs, parts and panels included', async () => {
  const { net } = classifier([32, 16, 10], { threads: DIVIDED }, 8)
  await net.ready
  for (const schedule of ['plain', 'fast'] as const) {
    const text = source(net.train, { target: 'wasm', schedule })
    expect(printedBinary(text)).toEqual(binaryOf(net.train, schedule))
    expect(text).toMatch(/\(func \$update_w0 \(export "update_w0"\) \(param \$from i32\) \(param \$to i32\)/)
    expect(text).toMatch(/^ {4}\(call \$split \(i32.const \d+\)\) ;; update_w0$/m)
    expect(text).toMatch(/;; \w+ = \$from; \w+ < \$to;/)
  }
  expect(source(net.train, { target: 'wasm', schedule: 'fast' })).toMatch(/_panel .*one a thread, \d+ bytes apart$/m)
  net.dispose()
})
