import { setFlagsFromString } from 'node:v8'
import { expect, it } from 'vitest'
import { source } from 'gradloom/inspect'
import { classifier } from './threads/models'
import { programInternals } from '../src/compile/internals'
import { binaryOf, printedBinary } from './wat'

// Node 20 has relaxed SIMD behind a flag; engines that need none may not know it.
setFlagsFromString('--experimental-wasm-relaxed-simd')

it('relaxed SIMD changes last digits only, and only where it is asked for', () => {
  const losses = [{}, { relaxedSimd: true }].map((options) => {
    const { net, feeds } = classifier([64, 32, 10], { threads: 1, ...options }, 32)
    expect(programInternals('test', net).settings.relaxedSimd).toBe('relaxedSimd' in options)
    const found = Array.from({ length: 50 }, () => net.train(feeds(32)).loss)
    const text = source(net.train, { target: 'wasm', schedule: 'fast' })
    expect(printedBinary(text)).toEqual(binaryOf(net.train, 'fast'))
    expect(text.includes('(f32x4.relaxed_madd ')).toBe('relaxedSimd' in options)
    return found
  })
  losses[1]!.forEach((loss, i) => expect(Math.abs(loss / losses[0]![i]! - 1)).toBeLessThan(1e-4))
})
