import type { Data, DataOf, DType } from '../ir/type'
import type { NumberArray, Shaped } from './layout'

/** The type without what is particular to one array, such as its shape. */
type ArrayOf<A extends NumberArray> = A extends Float32Array
  ? Float32Array
  : A extends Float64Array
    ? Float64Array
    : A extends Int32Array
      ? Int32Array
      : A extends Uint8Array
        ? Uint8Array
        : Exclude<NumberArray, Data>
type Whole = string | bigint | symbol | null | undefined | Date | ((...args: never) => unknown)

/**
 * What rows of a type are stacked into. Arrays of numbers are rows; a tuple, whose length its type knows, is stacked part
 * by part, as a record is. Of `any`, which would be all of these to any depth, nothing is known.
 */
export type Stacked<T> = 0 extends 1 & T
  ? unknown
  : [T] extends [boolean]
    ? Shaped<Uint8Array>
    : T extends number
      ? Shaped<Float32Array>
      : T extends NumberArray
        ? Shaped<ArrayOf<T>>
        : T extends readonly unknown[]
          ? number extends T['length']
            ? StackedArray<T[number]>
            : { -readonly [K in keyof T]: Stacked<T[K]> }
          : T extends Whole
            ? T[]
            : T extends object
              ? { -readonly [K in keyof T]: Stacked<T[K]> }
              : unknown
type StackedArray<E> = E extends number | boolean
  ? Stacked<E>
  : E extends readonly (infer Inner)[]
    ? StackedArray<Inner>
    : Stacked<E>[]

/** Batches whose numbers have other dtypes. */
export type WithDType<B, D> = D extends DType
  ? Shaped<DataOf<D>>
  : D extends object
    ? { [K in keyof B]: K extends keyof D ? WithDType<B[K], D[K]> : B[K] }
    : B

/** What a batch is cut into. How many axes a typed array has is known when it is cut: with one its rows are numbers. */
export type Unstacked<B> = 0 extends 1 & B
  ? unknown
  : B extends NumberArray
    ? number | ArrayOf<B>
    : B extends readonly unknown[]
      ? number extends B['length']
        ? B[number]
        : { -readonly [K in keyof B]: Unstacked<B[K]> }
      : B extends object
        ? { -readonly [K in keyof B]: Unstacked<B[K]> }
        : never

/** Arrays that are cut into rows along their first axis; of records each column is. */
export type Columns = NumberArray | readonly unknown[] | { readonly [name: string]: Columns }

/** Rows of columns: of a typed array numbers, or views where a row has a shape. */
export type Row<C, S = undefined> = C extends NumberArray
  ? S extends readonly []
    ? number
    : S extends readonly number[]
      ? ArrayOf<C>
      : C extends { readonly shape: infer H }
        ? H extends readonly [number]
          ? number
          : number extends (H & readonly unknown[])['length']
            ? number | ArrayOf<C>
            : ArrayOf<C>
        : number
  : C extends readonly (infer E)[]
    ? E
    : { -readonly [K in keyof C]: Row<C[K], K extends keyof S ? S[K] : undefined> }

/** What rows of columns are stacked into: numbers that come from a typed array go back into one of its type. */
export type BatchOf<C> = C extends NumberArray
  ? Shaped<ArrayOf<C>>
  : C extends readonly (infer E)[]
    ? Stacked<E>
    : { -readonly [K in keyof C]: BatchOf<C[K]> }
