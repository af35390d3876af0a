import { type Layout, sameLayout } from './layout'
import { closeAll, type Opening, Pending, pulled, type Stage } from './stage'

/** Elements of several stages side by side, as long as every one has another. */
export function zipped<T>(
  sources: readonly Stage<unknown>[],
  layout: Layout,
  join: (elements: readonly unknown[]) => T,
): Stage<T> {
  const sizes = sources.map(({ size }) => size)
  const size = sizes.every((s) => s !== undefined) ? Math.min(...sizes) : undefined
  const ats = sources.flatMap(({ at }) => at ?? [])
  const stage: Stage<T> = {
    size,
    layout,
    *open(opening) {
      const all = sources.map((source) => source.open(opening))
      try {
        for (;;) {
          const elements: unknown[] = []
          for (const items of all) {
            const next = yield* pulled(items)
            if (!next) return
            elements.push(next.value)
          }
          yield join(elements)
        }
      } finally {
        closeAll(all)
      }
    },
  }
  return ats.length === sources.length ? { ...stage, at: (index) => join(ats.map((at) => at(index))) } : stage
}

/** The elements of a stage behind `skip`; the result is how many it has, those before included. */
function* counted<T>(source: Stage<T>, opening: Opening): Generator<T | Pending, number, undefined> {
  if (source.size !== undefined) {
    yield* source.open(opening)
    return source.size
  }
  let count = 0
  for (const item of source.open({ ...opening, skip: 0 }))
    if (item instanceof Pending || count++ >= opening.skip) yield item
  return count
}

/** All of one, then all of the other. */
export const concatenated = <T>(first: Stage<T>, second: Stage<T>): Stage<T> => ({
  size: first.size === undefined || second.size === undefined ? undefined : first.size + second.size,
  layout: sameLayout(first.layout, second.layout) ? first.layout : undefined,
  *open(opening) {
    const count = yield* counted(first, opening)
    yield* second.open({ ...opening, skip: Math.max(0, opening.skip - count) })
  },
})

// How far apart the epochs of an endless repetition begin.
const ENDLESS = 2 ** 32

/**
 * A stage again and again. Each turn is an epoch of the source: turn i of `count` in epoch e is epoch e * count + i. An
 * endless repetition of nothing ends.
 */
export const repeated = <T>(source: Stage<T>, count: number): Stage<T> => ({
  size: source.size === 0 || count === 0 ? 0 : source.size === undefined ? undefined : source.size * count,
  layout: source.layout,
  *open({ epoch, skip, closing }) {
    const first = epoch * Math.min(count, ENDLESS)
    const { size } = source
    const whole = size !== undefined && size > 0 && size < Infinity ? Math.floor(skip / size) : 0
    let left = whole > 0 ? skip % size! : skip
    for (let turn = whole; turn < count; turn++) {
      const given = yield* counted(source, { epoch: first + turn, skip: left, closing })
      if (given === 0 && count === Infinity) return
      left = Math.max(0, left - given)
    }
  },
})
