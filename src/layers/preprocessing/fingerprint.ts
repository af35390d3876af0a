import { mixed, rotateRight as rotate, wrap } from './word64'

const K0 = 0xc3a5c85c97cb3127n
const K1 = 0xb492b66fbe98f273n
const K2 = 0x9ae16a3b2f90404fn

/** The 64-bit fingerprint of bytes that TensorFlow's hash buckets are made of. Source: FarmHash, farmhashna::Hash64. */
export function fingerprint(bytes: DataView): bigint {
  const length = bytes.byteLength
  const word = (at: number): bigint => bytes.getBigUint64(at, true)
  if (length <= 16) return upTo16(bytes, length)
  if (length <= 32) return upTo32(word, length)
  return length <= 64 ? upTo64(word, length) : long(word, length)
}

/** The fingerprint of two. Source: TensorFlow, FingerprintCat64. */
export function joined(a: bigint, b: bigint): bigint {
  const k = 0xc6a4a7935bd1e995n
  const times = (x: bigint): bigint => wrap(x * k)
  return mixed(times(mixed(times(a ^ k ^ times(mixed(times(b)))))))
}

function pair(u: bigint, v: bigint, k: bigint): bigint {
  const a = mixed(wrap((u ^ v) * k))
  return wrap(mixed(wrap((v ^ a) * k)) * k)
}
const factorOf = (length: number): bigint => wrap(K2 + BigInt(length) * 2n)

function upTo16(bytes: DataView, length: number): bigint {
  const k = factorOf(length)
  if (length >= 8) {
    const a = wrap(bytes.getBigUint64(0, true) + K2)
    const b = bytes.getBigUint64(length - 8, true)
    return pair(wrap(rotate(b, 37n) * k + a), wrap((rotate(a, 25n) + b) * k), k)
  }
  if (length >= 4) {
    const [a, b] = [0, length - 4].map((at) => BigInt(bytes.getUint32(at, true))) as [bigint, bigint]
    return pair(wrap(BigInt(length) + (a << 3n)), b, k)
  }
  if (length === 0) return K2
  const [a, b, c] = [0, length >> 1, length - 1].map((at) => bytes.getUint8(at)) as [number, number, number]
  return wrap(mixed(wrap(BigInt(a + (b << 8)) * K2) ^ wrap(BigInt(length + (c << 2)) * K0)) * K2)
}

type Word = (at: number) => bigint

function upTo32(word: Word, length: number): bigint {
  const k = factorOf(length)
  const [a, b] = [wrap(word(0) * K1), word(8)]
  const [c, d] = [wrap(word(length - 8) * k), wrap(word(length - 16) * K2)]
  return pair(wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d), wrap(a + rotate(wrap(b + K2), 18n) + c), k)
}

function upTo64(word: Word, length: number): bigint {
  const k = factorOf(length)
  const [a, b] = [wrap(word(0) * K2), word(8)]
  const [c, d] = [wrap(word(length - 8) * k), wrap(word(length - 16) * K2)]
  const y = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d)
  const z = pair(y, wrap(a + rotate(wrap(b + K2), 18n) + c), k)
  const [e, f] = [wrap(word(16) * k), word(24)]
  const [g, h] = [wrap((y + word(length - 32)) * k), wrap((z + word(length - 24)) * k)]
  return pair(wrap(rotate(wrap(e + f), 43n) + rotate(g, 30n) + h), wrap(e + rotate(wrap(f + a), 18n) + g), k)
}

type Two = readonly [bigint, bigint]
function weak(word: Word, at: number, a: bigint, b: bigint): Two {
  const [w, x, y, z] = [word(at), word(at + 8), word(at + 16), word(at + 24)]
  const first = wrap(a + w)
  const all = wrap(first + x + y)
  return [wrap(all + z), wrap(rotate(wrap(b + first + z), 21n) + rotate(all, 44n) + first)]
}

interface State {
  readonly x: bigint
  readonly y: bigint
  readonly z: bigint
  readonly v: Two
  readonly w: Two
}
/** One block of 64 bytes; the last one has another factor, and nine times two parts of the state. */
function block(word: Word, at: number, { x, y, z, v, w }: State, k: bigint, times: bigint): State {
  const x1 = wrap(rotate(wrap(x + y + v[0] + word(at + 8)), 37n) * k) ^ wrap(w[1] * times)
  const y1 = wrap(rotate(wrap(y + v[1] + word(at + 48)), 42n) * k + v[0] * times + word(at + 40))
  const z1 = wrap(rotate(wrap(z + w[0]), 33n) * k)
  const v1 = weak(word, at, wrap(v[1] * k), wrap(x1 + w[0]))
  const w1 = weak(word, at + 32, wrap(z1 + w[1]), wrap(y1 + word(at + 16)))
  return { x: z1, y: y1, z: x1, v: v1, w: w1 }
}

function long(word: Word, length: number): bigint {
  const seed = 81n
  const y = wrap(seed * K1 + 113n)
  let state: State = {
    x: wrap(seed * K2 + word(0)),
    y,
    z: wrap(mixed(wrap(y * K2 + 113n)) * K2),
    v: [0n, 0n],
    w: [0n, 0n],
  }
  const end = Math.floor((length - 1) / 64) * 64
  for (let at = 0; at < end; at += 64) state = block(word, at, state, K1, 1n)
  const k = wrap(K1 + ((state.z & 0xffn) << 1n))
  const rest = wrap(state.w[0] + BigInt((length - 1) & 63))
  const first = wrap(state.v[0] + rest)
  const last = { ...state, v: [first, state.v[1]], w: [wrap(rest + first), state.w[1]] } as const
  const { x, y: b, z, v, w } = block(word, length - 64, last, k, 9n)
  return pair(wrap(pair(v[0], w[0], k) + mixed(b) * K0 + z), wrap(pair(v[1], w[1], k) + x), k)
}
