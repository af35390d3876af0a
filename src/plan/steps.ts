import { addScaled, type Affine, constIndex } from '../ir/affine'
import type { Choice, Fused, Join, Loop, LoopCarry } from '../ir/block'
import type { Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { standIn } from '../ops/region'
import { orderKernels } from './order'

/** Kernels in order, those of loops inside of them. */
export type Step =
  | { readonly kind: 'run'; readonly fused: Fused }
  | {
      readonly kind: 'loop'
      readonly loop: Loop
      readonly steps: readonly Step[]
      /** What could not be written in place is copied at the end of a turn. */
      readonly copies: readonly { readonly from: Tensor; readonly to: Tensor }[]
    }
  | { readonly kind: 'choice'; readonly choice: Choice; readonly arms: readonly [readonly Step[], readonly Step[]] }

/** In whose memory a tensor lies, and how far in. */
export interface Home {
  readonly owner: Tensor
  readonly shift?: Affine
  /** From one element to the next along each axis, where that is not its own shape's. */
  readonly strides?: readonly number[]
}
export type Homes = Map<Tensor, Home>

const NOTHING: ReadonlyMap<Tensor, Tensor> = new Map()

/** Orders what runs in loops, and finds memory for what they hand on and keep. */
export function stepsOf(order: readonly Fused[], homes: Homes, options: { readonly inPlace: boolean }): Step[] {
  return order.flatMap((fused): Step[] => {
    const { inner: loop } = fused
    if (!loop) return [{ kind: 'run', fused }]
    if (loop.kind === 'join') {
      placeParts(loop, homes)
      return []
    }
    if (loop.kind === 'choice') {
      const arms = loop.arms.map(({ kernels, results }) => {
        for (const { value, part } of results) homes.set(value, { owner: part })
        return stepsOf(orderKernels(kernels, NOTHING, [], options).order, homes, options)
      })
      return [{ kind: 'choice', choice: loop, arms: arms as [Step[], Step[]] }]
    }
    const cells = loop.carries.filter((c) => !isInRows(c))
    const updates = new Map(cells.map(({ carry, next }) => [carry, next]))
    const { order: inner, inPlace } = orderKernels(loop.kernels, updates, [], options)
    placeStacks(loop, homes)
    for (const { first, carry, next, final } of cells) {
      for (const t of [first, ...(final ? [final] : []), ...(inPlace.has(carry) ? [next] : [])])
        homes.set(t, { owner: carry })
    }
    const copies = cells.flatMap(({ carry, next }) => (inPlace.has(carry) ? [] : [{ from: next, to: carry }]))
    return [{ kind: 'loop', loop, steps: stepsOf(inner, homes, options), copies }]
  })
}

/** Each part of a join lies where the whole has it. */
function placeParts({ region, parts }: Join, homes: Homes): void {
  const whole = homes.get(region)
  for (const { tensor, shift, strides } of parts) {
    const at = constIndex(shift)
    homes.set(tensor, {
      owner: whole?.owner ?? region,
      shift: whole?.shift ? addScaled(whole.shift, at, 1) : at,
      strides,
    })
  }
}

const isInRows = ({ history, stack }: LoopCarry): boolean => (history ?? stack) !== undefined

/** What is kept of every turn lies row by row: a carry is read in one row and handed on in the next. */
function placeStacks({ carries, stacks, time, reverse }: Loop, homes: Homes): void {
  const row = (size: number, from: number): Affine => ({ base: from * size, terms: new Map([[time, size]]) })
  for (const { value, part } of stacks) homes.set(value, { owner: part, shift: row(sizeOf(value.shape), 0) })
  for (const kept of carries) {
    if (!isInRows(kept)) continue
    const { first, carry, next, final, history, stack } = kept
    const { dtype, shape } = carry
    const size = sizeOf(shape)
    const type = { dtype, shape: [time.extent + 1, ...shape] }
    const owner = standIn('rows', type, { scope: '' }, history ?? stack!)
    const fixed = (at: number): Home => ({ owner, shift: { base: at * size, terms: new Map() } })
    if (history) homes.set(history, fixed(reverse ? 1 : 0))
    if (stack) homes.set(stack, fixed(reverse ? 0 : 1))
    homes.set(first, fixed(reverse ? time.extent : 0))
    if (final) homes.set(final, fixed(reverse ? 0 : time.extent))
    homes.set(carry, { owner, shift: row(size, reverse ? 1 : 0) })
    homes.set(next, { owner, shift: row(size, reverse ? 0 : 1) })
  }
}
