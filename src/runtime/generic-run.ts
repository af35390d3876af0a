import { FeedError } from '../ir/errors'
import type { Buffer, FedInput } from '../ir/plan'
import { type Data, sameShape, showType } from '../ir/type'
import { feedOf } from './bind'
import { fillView, measured } from './fill'

type Feeds = Readonly<Record<string, unknown>>
type Results = Record<string, unknown>

export interface GenericRun {
  readonly entry: string
  readonly inputs: readonly FedInput[]
  readonly outputs: ReadonlyMap<string, Buffer>
  /** Counts that must be 0 for the step to go on, in order. */
  readonly checks: readonly { readonly count: Buffer; readonly message: string }[]
  /** Runs the step; the number of the check that failed, counted from 1, else 0. */
  readonly step: () => number
  /** The present view of a buffer. */
  readonly view: (buffer: Buffer) => Data
  /** Finds the specialisation that fits where the size differs. */
  readonly other?: (feeds: Feeds) => Results
}

/**
 * From feeds to results without code from strings, for environments that forbid it: what generated `run` functions do, with
 * the same errors.
 */
export function genericRun({
  entry,
  inputs,
  outputs,
  checks,
  step,
  view,
  other,
}: GenericRun): (feeds: Feeds) => Results {
  const known = new Set(inputs.map((i) => i.name))
  return (feeds) => {
    if (inputs.length > 0 && (typeof feeds !== 'object' || (feeds as unknown) === null))
      throw new FeedError(`entry "${entry}" takes an object of feeds, got ${feeds === null ? 'null' : typeof feeds}`)
    // Read before any is copied: one that is computed may call the same program, which fills the same inputs.
    const values = inputs.map(({ name }) => feedOf(feeds, name))
    if (other && !inputs.every(({ buffer }, i) => fits(values[i], buffer))) return other(feeds)
    for (const key in feeds)
      if (!known.has(key)) {
        const list = inputs.map((i) => JSON.stringify(i.name)).join(', ')
        throw new FeedError(`entry "${entry}" has no input "${key}"; its inputs are ${list || 'none'}`)
      }
    for (const [i, { name, buffer, ranges }] of inputs.entries()) {
      const label = `input "${name}" of entry "${entry}"`
      const value = values[i]
      if (value === undefined || value === null)
        throw new FeedError(`${label} expects ${showType(buffer)}, got nothing: the input is missing`)
      fillView(label, value, view(buffer), buffer)
      for (const { below, op } of ranges) checkRange(label, view(buffer), below, op)
    }
    const failed = step()
    if (failed > 0) {
      const { count, message } = checks[failed - 1]!
      throw new FeedError(`${message} (${view(count)[0]} ${view(count)[0] === 1 ? 'case' : 'cases'})`)
    }
    return Object.fromEntries([...outputs].map(([name, buffer]) => [name, resultOf(view(buffer), buffer)]))
  }
}

const resultOf = (view: Data, { shape }: Buffer): unknown =>
  shape.length === 0 ? view[0] : Object.defineProperty(view.slice(), 'shape', { value: shape })

function fits(value: unknown, { shape, size }: Buffer): boolean {
  if (shape.length === 0) return true
  if (Array.isArray(value)) return sameShape(measured(value), shape)
  if (!ArrayBuffer.isView(value)) return true
  const given = value as Data & { readonly shape?: readonly number[] }
  return given.shape ? sameShape(given.shape, shape) : given.length === size
}

function checkRange(label: string, view: Data, below: number, op: string): void {
  view.forEach((v, i) => {
    if (!(v > -1 && v < below))
      throw new FeedError(`${label}: ${v} at position ${i} is out of range for ${op}: legal are 0 to ${below - 1}`)
  })
}
