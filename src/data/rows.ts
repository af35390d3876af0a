import type { Data } from '../ir/type'
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
        : NumberArray
type Nested = number | boolean | readonly Nested[]
type Whole = string | bigint | symbol | null | undefined | Date | ((...args: never) => unknown)

/**
 * What rows of a type are stacked into. Arrays of numbers are rows; a tuple, whose length its type knows, is stacked part
 * by part, as a record is.
 */
export type Stacked<T> = T extends number | boolean
  ? Shaped<Data>
  : T extends NumberArray
    ? Shaped<ArrayOf<T>>
    : T extends readonly unknown[]
      ? number extends T['length']
        ? T[number] extends Nested
          ? Shaped<Data>
          : Stacked<T[number]>[]
        : { -readonly [K in keyof T]: Stacked<T[K]> }
      : T extends Whole
        ? T[]
        : T extends object
          ? { -readonly [K in keyof T]: Stacked<T[K]> }
          : unknown

/** What a batch is cut into. How many axes a typed array has is known when it is cut: with one its rows are numbers. */
export type Unstacked<B> = B extends NumberArray
  ? number | ArrayOf<B>
  : B extends readonly unknown[]
    ? number extends B['length']
      ? B[number]
      : { -readonly [K in keyof B]: Unstacked<B[K]> }
    : B extends object
      ? { -readonly [K in keyof B]: Unstacked<B[K]> }
      : never

/** Rows of arrays: of a typed array numbers, or views where a row has a shape. */
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

/** Arrays that are cut into rows along their first axis; of records each column is. */
export type Columns = NumberArray | readonly unknown[] | { readonly [name: string]: Columns }
