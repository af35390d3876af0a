import { type Failure, type Items, Pending, pulled, type Stage } from './stage'

/**
 * Keeps up to `count` elements ready. While one is used the next are made as far as they need waiting for: whenever the
 * source has what it waited for, it goes on until the buffer is full.
 */
export const prefetched = <T>(source: Stage<T>, count: number): Stage<T> => ({
  size: source.size,
  layout: source.layout,
  *open(opening) {
    const items = source.open(opening)
    const ready: T[] = []
    let waiting: Pending | undefined
    let end: 'reached' | Failure | undefined
    const fill = (): void => {
      while (!waiting && !end && ready.length < count) {
        try {
          const { done, value } = items.next()
          if (done) end = 'reached'
          else if (value instanceof Pending) waiting = new Pending(value.promise.then(resume))
          else ready.push(value)
        } catch (error) {
          end = { error }
        }
      }
    }
    const resume = (): void => {
      waiting = undefined
      fill()
    }
    try {
      for (;;) {
        fill()
        if (ready.length > 0) {
          const next = ready.shift()!
          fill()
          yield next
        } else if (waiting) yield waiting
        else if (end === 'reached') return
        else if (end) throw end.error
      }
    } finally {
      // What still comes in is not asked for any more.
      end ??= 'reached'
      items.return()
    }
  },
})

/**
 * Keeps every element of epoch 0 the first time it is given; later passes are made of what is kept. A pass that stops
 * early leaves what it saw, and the next goes on behind it.
 */
export function cached<T>(source: Stage<T>): Stage<T> {
  const kept: T[] = []
  let isWhole = false
  return {
    size: source.size,
    layout: source.layout,
    *open({ skip, closing }) {
      let items: Items<T> | undefined
      // Where `items` is; another pass may have kept more since.
      let place = 0
      try {
        for (let index = skip; ;) {
          if (index < kept.length) yield kept[index++]!
          else if (isWhole) return
          else {
            if (!items) place = kept.length
            items ??= source.open({ epoch: 0, skip: place, closing })
            const next = yield* pulled(items)
            if (!next) isWhole = true
            else if (place++ === kept.length) kept.push(next.value)
          }
        }
      } finally {
        items?.return()
      }
    },
  }
}
