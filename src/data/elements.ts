import { called, type Items, Pending, type Stage } from './stage'
import { rowsFrom } from './source'

/** The result of a function for each element; a promise is awaited before the next element is asked for. */
export const mapped = <T, U>(source: Stage<T>, f: (element: T, index: number) => U | PromiseLike<U>): Stage<U> => ({
  size: source.size,
  layout: undefined,
  *open(opening) {
    let index = opening.skip
    for (const item of source.open(opening)) {
      if (item instanceof Pending) yield item
      else {
        const at = index++
        yield yield* called('dataset.map', at, () => f(item, at))
      }
    }
  },
})

/** Elements for which the function is true, or promises true. */
export const filtered = <T>(
  source: Stage<T>,
  test: (element: T, index: number) => boolean | PromiseLike<boolean>,
): Stage<T> => ({
  size: undefined,
  layout: source.layout,
  *open({ epoch, skip, closing }) {
    let index = 0
    let left = skip
    for (const item of source.open({ epoch, skip: 0, closing })) {
      if (item instanceof Pending) yield item
      else {
        const at = index++
        if (!(yield* called('dataset.filter', at, () => test(item, at)))) continue
        if (left > 0) left--
        else yield item
      }
    }
  },
})

/** The first elements. Closes its source as soon as more is asked for. */
export function taken<T>(source: Stage<T>, count: number): Stage<T> {
  const size = source.size === undefined ? undefined : Math.min(source.size, count)
  const { at, layout } = source
  if (at) return { size, layout, at, open: ({ skip }) => rowsFrom(size!, at, skip) }
  return {
    size,
    layout,
    *open(opening) {
      let left = count - opening.skip
      if (left <= 0) return
      for (const item of source.open(opening)) {
        yield item
        if (!(item instanceof Pending) && --left === 0) return
      }
    },
  }
}

/** All but the first elements. */
export function skipped<T>(source: Stage<T>, count: number): Stage<T> {
  const size = source.size === undefined ? undefined : Math.max(0, source.size - count)
  const { at, layout } = source
  const open = (opening: Parameters<Stage<T>['open']>[0]): Items<T> =>
    source.open({ ...opening, skip: opening.skip + count })
  return at ? { size, layout, open, at: (index) => at(index + count) } : { size, layout, open }
}

/** Each element behind its index in the pass. */
export const numbered = <T>(source: Stage<T>): Stage<[index: number, element: T]> => ({
  size: source.size,
  layout: ['Int32Array', source.layout],
  *open(opening) {
    let index = opening.skip
    for (const item of source.open(opening)) yield item instanceof Pending ? item : [index++, item]
  },
})
