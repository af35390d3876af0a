import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { threefry2x32 } from '../../src/ir/threefry'

const ALL = 0xffff_ffff
const word = fc.integer({ min: 0, max: ALL })

/** The generator as the paper writes it, slow and with BigInt, for keys and counters without known answers. */
function asPublished(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const wrap = (x: bigint): bigint => BigInt.asUintN(32, x)
  const keys = [BigInt(key[0]), BigInt(key[1])]
  keys.push(0x1bd11bdan ^ keys[0]! ^ keys[1]!)
  let x = wrap(BigInt(counter[0]) + keys[0]!)
  let y = wrap(BigInt(counter[1]) + keys[1]!)
  const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n]
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8]!
    x = wrap(x + y)
    y = (wrap(y << by) | (y >> (32n - by))) ^ x
    if (round % 4 !== 3) continue
    const turn = (round + 1) / 4
    x = wrap(x + keys[turn % 3]!)
    y = wrap(y + keys[(turn + 1) % 3]! + BigInt(turn))
  }
  return [Number(x), Number(y)]
}

describe('threefry2x32', () => {
  it.each([
    { key: [0, 0], counter: [0, 0], words: [0x6b200159, 0x99ba4efe] },
    { key: [ALL, ALL], counter: [ALL, ALL], words: [0x1cb996fc, 0xbb002be7] },
    { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], words: [0xc4923a9c, 0x483df7a0] },
  ] as const)('gives the known answer of Random123 for key $key and counter $counter', ({ key, counter, words }) => {
    expect(threefry2x32(key[0], key[1], counter[0], counter[1])).toEqual(words)
    expect(asPublished(key, counter)).toEqual(words)
  })

  it('is the published function for every key and counter', () => {
    fc.assert(
      fc.property(word, word, word, word, (k0, k1, c0, c1) => {
        expect(threefry2x32(k0, k1, c0, c1)).toEqual(asPublished([k0, k1], [c0, c1]))
      }),
    )
  })

  it('changes half of the bits when one bit of the key or the counter changes', () => {
    const ones = (x: number): number => x.toString(2).replaceAll('0', '').length
    let changed = 0
    for (let bit = 0; bit < 128; bit++) {
      const input = [1, 2, 3, 4] as [number, number, number, number]
      const before = threefry2x32(...input)
      input[bit >> 5] = (input[bit >> 5]! ^ (1 << (bit & 31))) >>> 0
      const after = threefry2x32(...input)
      changed += ones((before[0] ^ after[0]) >>> 0) + ones((before[1] ^ after[1]) >>> 0)
    }
    // 128 changes of 64 bits each: binomial, four standard deviations.
    expect(Math.abs(changed - 4096)).toBeLessThan(4 * Math.sqrt(8192 / 4))
  })
})
