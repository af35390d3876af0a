import { sizeOf } from '../ir/type'

/**
 * From one element to the next along each axis of `shape`, where its elements in row-major order are those of a tensor of
 * another shape with given strides. Undefined where that is no even distance.
 */
export function stridesThrough(
  shape: readonly number[],
  seen: readonly number[],
  strides: readonly number[],
): number[] | undefined {
  const found = shape.map(() => 0)
  const long = (extents: readonly number[]): number[] => [...extents.keys()].filter((i) => extents[i] !== 1)
  const [mine, others] = [long(shape), long(seen)]
  while (mine.length > 0 && others.length > 0) {
    // As few axes of both as hold equally many elements.
    const [own, other] = [[mine.pop()!], [others.pop()!]]
    for (;;) {
      const [a, b] = [sizeOf(own.map((i) => shape[i]!)), sizeOf(other.map((i) => seen[i]!))]
      if (a === b) break
      const [shorter, rest] = a < b ? [own, mine] : [other, others]
      if (rest.length === 0) return undefined
      shorter.push(rest.pop()!)
    }
    const step = strides[other[0]!]!
    const isEven = other.every((i, n) => n === 0 || strides[i] === strides[other[n - 1]!]! * seen[other[n - 1]!]!)
    if (!isEven) return undefined
    let next = step
    for (const i of own) {
      found[i] = next
      next *= shape[i]!
    }
  }
  return found
}
