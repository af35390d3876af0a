import { rotateLeft as rotate, wrap } from './word64'

/** SipHash-2-4 of bytes under a key of two words. Source: Aumasson and Bernstein 2012. */
export function sipHash(bytes: DataView, [k0, k1]: readonly [bigint, bigint]): bigint {
  let [a, b, c, d] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ] as [bigint, bigint, bigint, bigint]
  const round = (): void => {
    a = wrap(a + b)
    c = wrap(c + d)
    b = rotate(b, 13n) ^ a
    d = rotate(d, 16n) ^ c
    a = rotate(a, 32n)
    c = wrap(c + b)
    a = wrap(a + d)
    b = rotate(b, 17n) ^ c
    d = rotate(d, 21n) ^ a
    c = rotate(c, 32n)
  }
  const take = (word: bigint): void => {
    d ^= word
    round()
    round()
    a ^= word
  }
  const length = bytes.byteLength
  const whole = length - (length % 8)
  for (let at = 0; at < whole; at += 8) take(bytes.getBigUint64(at, true))
  let last = BigInt(length & 255) << 56n
  for (let at = whole; at < length; at++) last |= BigInt(bytes.getUint8(at)) << BigInt(8 * (at - whole))
  take(last)
  c ^= 0xffn
  for (let i = 0; i < 4; i++) round()
  return a ^ b ^ c ^ d
}
