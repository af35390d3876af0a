import type { Dim, Shape, Show } from './shapes'

/** What is known of the type of a convolution: batch and channels; how many windows fit is known when the graph is built. */

type First = 'channelsFirst'

/** [batch, ...spatial, channels] or [batch, channels, ...spatial] with spatial extents that are not known. */
type Laid<B extends Dim, R extends number, C extends Dim, F> = F extends First
  ? R extends 1
    ? [B, C, number]
    : R extends 2
      ? [B, C, number, number]
      : [B, C, number, number, number]
  : R extends 1
    ? [B, number, C]
    : R extends 2
      ? [B, number, number, C]
      : [B, number, number, number, C]

type HasRank<S extends Shape, R extends number> = number extends S['length']
  ? true
  : S['length'] extends RankOf<R>
    ? true
    : false
/** Dimensions of a tensor with R spatial ones. */
type RankOf<R extends number> = R extends 1 ? 3 : R extends 2 ? 4 : 5

type Last<S extends Shape> = S extends readonly [...Shape, infer L extends Dim] ? L : number
type LastButOne<S extends Shape> = S extends readonly [...Shape, infer P extends Dim, Dim] ? P : number
type Head<S extends Shape> = S extends readonly [infer H extends Dim, ...Shape] ? H : number
type Second<S extends Shape> = S extends readonly [Dim, infer H extends Dim, ...Shape] ? H : number
type Channels<S extends Shape, F> = F extends First ? Second<S> : Last<S>

type Differs<A extends Dim, B extends Dim> = number extends A
  ? false
  : number extends B
    ? false
    : A extends B
      ? false
      : true

/** The shape of a pooled tensor, or the message for a wrong rank. */
export type Pooled<Op extends string, S extends Shape, R extends number, F> =
  HasRank<S, R> extends true
    ? Laid<Head<S>, R, Channels<S, F>, F>
    : `${Op}: needs ${RankOf<R>} dimensions, got ${Show<S>}`

/** The shape of a convolution, or the message for an operand that does not fit. */
export type Convolved<Op extends string, S extends Shape, K extends Shape, R extends number, F, G> =
  HasRank<S, R> extends false
    ? `${Op}: needs ${RankOf<R>} dimensions, got ${Show<S>}`
    : HasRank<K, R> extends false
      ? `${Op}: needs a kernel of ${RankOf<R>} dimensions, got ${Show<K>}`
      : G extends 1
        ? Differs<Channels<S, F>, LastButOne<K>> extends true
          ? `${Op}: the kernel ${Show<K>} does not take the channels of ${Show<S>}`
          : Laid<Head<S>, R, Last<K>, F>
        : Laid<Head<S>, R, Last<K>, F>

/** The same for a transposed convolution, whose kernel is [...window, out, in]. */
export type Transposed<Op extends string, S extends Shape, K extends Shape, R extends number, F, G> =
  HasRank<S, R> extends false
    ? `${Op}: needs ${RankOf<R>} dimensions, got ${Show<S>}`
    : HasRank<K, R> extends false
      ? `${Op}: needs a kernel of ${RankOf<R>} dimensions, got ${Show<K>}`
      : Differs<Channels<S, F>, Last<K>> extends true
        ? `${Op}: the kernel ${Show<K>} does not take the channels of ${Show<S>}`
        : Laid<Head<S>, R, G extends 1 ? LastButOne<K> : number, F>
