import { coefficient } from '../ir/affine'
import { call, type Element, literal, walk } from '../ir/scalar'
import { bytesOf, sizeOf } from '../ir/type'
import { FIRST_CACHE, LINE_BYTES } from './cache'
import { type FlatKernel, productOf } from './flat'

/** Terms that a visit to the result should be worth. */
const MIN_TERMS = 32

/**
 * A sum of products whose operands do not stay in the first cache while one result is summed, in two kernels: zeros, and a
 * sum that adds what each point of its outermost reduced axis gives to what is there. Undefined where that does not pay.
 */
export function byBlocks(kernel: FlatKernel): { readonly zeros: FlatKernel; readonly sums: FlatKernel } | undefined {
  const [store, ...more] = kernel.stores
  const [block, ...reduceAxes] = kernel.reduceAxes
  const operands = productOf(kernel)
  if (!store || more.length > 0 || !block || !operands || store.value.kind !== 'acc' || store.scatter) return undefined
  const terms = sizeOf(reduceAxes.map((a) => a.extent))
  if (block.extent < 2 || terms < MIN_TERMS) return undefined
  const touched = operands.reduce((sum, e) => sum + touchedBytes(e, kernel), 0)
  if (touched * block.extent <= FIRST_CACHE) return undefined
  const before: Element = {
    kind: 'element',
    dtype: store.value.dtype,
    from: store.to,
    at: { index: store.at },
    lanes: 1,
  }
  const zero = literal(0, store.value.dtype)
  return {
    zeros: { ...kernel, reduceAxes: [], accumulators: [], values: [], stores: [{ ...store, value: zero }] },
    sums: {
      ...kernel,
      axes: [block, ...kernel.axes],
      reduceAxes,
      stores: [{ ...store, value: call('add', before, store.value) }],
    },
  }
}

/** Bytes of the cache lines that an operand is read from while one result is summed, without the outermost axis. */
function touchedBytes(e: Element, { reduceAxes }: FlatKernel): number {
  const bytes = bytesOf(e.dtype)
  const isGathered = e.at.offset !== undefined && walk([e.at.offset]).some((s) => s.kind === 'element')
  const steps = reduceAxes.slice(1).filter((a) => isGathered || coefficient(e.at.index, a) !== 0)
  const nearest = Math.min(...steps.map((a) => Math.abs(coefficient(e.at.index, a)) * bytes))
  return sizeOf(steps.map((a) => a.extent)) * Math.min(LINE_BYTES, Math.max(bytes, nearest))
}
