import { compile, entry, exp, fill, grad, mul, scan, sigmoid, sin, square, sum, tanh, tensor, add } from 'gradloom'
import { memory } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'

const WIDTH = 16

/** Bytes of the memory where lies what is kept of turns, for the gradient of a loop whose step keeps several tensors. */
function keptBytes(length: number, bytes?: number): number {
  const program = entry({ x: tensor([length, WIDTH]), w: tensor([WIDTH]) }, ({ x, w }) => {
    const { carry } = scan({
      over: { x },
      carry: { h: fill([WIDTH], 0.1) },
      ...(bytes === undefined ? {} : { memory: bytes }),
      step: ({ h }, { x }) => {
        const a = tanh(add(mul(h, w), x))
        return { carry: { h: sigmoid(mul(sin(mul(exp(mul(a, -1)), h)), a)) } }
      },
    })
    return { outputs: { g: grad(sum(square(carry.h)), [w])[0] } }
  })
  const { buffers } = memory(compile(program, { target: 'js', threads: 1 }))
  const taken = new Set<number>()
  // What is kept one after the other may lie in one place.
  for (const { name, offset, bytes: size } of buffers)
    if (name.includes('turns')) for (let i = offset; i < offset + size; i++) taken.add(i)
  return taken.size
}

describe('what is kept for the gradient is within the bound', () => {
  it.each([2, 3, 5, 7, 10])('of a loop of %i turns', (length) => {
    const all = keptBytes(length)
    const kept = Array.from({ length: 21 }, (_, part) => Math.ceil((all * (part + 3)) / 20)).flatMap((bytes) => {
      try {
        return [{ bytes, kept: keptBytes(length, bytes) }]
      } catch (error) {
        expect(String(error)).toContain('the gradient needs')
        return []
      }
    })
    for (const { bytes, kept: found } of kept)
      expect(found, `of ${all} bytes, ${bytes} allowed`).toBeLessThanOrEqual(bytes)
    expect(kept.some(({ bytes }) => bytes < all)).toBe(true)
  })
})
