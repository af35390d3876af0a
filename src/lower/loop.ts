import { type Axis, constIndex } from '../ir/affine'
import type { Fused, Inner, Loop, LoopCarry } from '../ir/block'
import { toposort } from '../ir/graph'
import { bodyResults } from '../ir/region'
import { type Load, literal, type Scalar } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { hasOwnMemory, operandsOf, partAttrs } from '../ops/region'
import { scanAttrs } from '../ops/scan-parts'

export const lengthOf = (scan: Tensor): number => scanAttrs(scan).length

/** What a loop has to compute for the parts that are read. */
export interface Wanted {
  /** By number. */
  readonly carries: readonly number[]
  readonly outputs: readonly number[]
  readonly results: readonly Tensor[]
}

/** The outputs that are read, and the carries that are read or that one of these depends on. */
export function wantedOf(scan: Tensor, parts: readonly Tensor[]): Wanted {
  const { body } = scanAttrs(scan)
  const outputs = [...new Set(parts.filter((p) => partAttrs(p).kind === 'stack').map((p) => partAttrs(p).index))]
  const carries = new Set(parts.filter((p) => partAttrs(p).kind !== 'stack').map((p) => partAttrs(p).index))
  const numbers = new Map(body.carries.map((c, i) => [c, i]))
  const seen = new Set<Tensor>()
  let open = [...outputs.map((i) => body.outputs[i]!), ...[...carries].map((i) => body.next[i]!)]
  while (open.length > 0) {
    const found: Tensor[] = []
    for (const t of toposort(open, seen)) {
      seen.add(t)
      const i = numbers.get(t)
      if (i === undefined || carries.has(i)) continue
      carries.add(i)
      found.push(body.next[i]!)
    }
    open = found
  }
  const kept = [...carries].sort((a, b) => a - b)
  const results = [...kept.map((i) => body.next[i]!), ...outputs.map((i) => body.outputs[i]!)]
  return { carries: kept, outputs, results }
}

/** Puts kernels of a body together as a loop. */
export function makeLoop(
  scan: Tensor,
  time: Axis,
  parts: readonly Tensor[],
  wanted: Wanted,
  made: readonly Fused[],
): Loop {
  const { body, reverse } = scanAttrs(scan)
  const part = (kind: 'final' | 'history' | 'stack', index: number): Tensor | undefined =>
    parts.find((p) => partAttrs(p).kind === kind && partAttrs(p).index === index)
  const firsts = operandsOf(scan).flatMap(({ operand, stand }) => (hasOwnMemory(stand) ? [operand] : []))
  const all = wanted.outputs.map((i) => ({ value: body.outputs[i]!, part: part('stack', i)! }))
  // What is handed on and kept as well is kept once.
  const copyOf = (next: Tensor) => all.find(({ value }) => value.op.name === 'identity' && value.inputs[0] === next)
  const copies = new Set<Tensor>()
  const carries = wanted.carries.map((i): LoopCarry => {
    const [final, history, copy] = [part('final', i), part('history', i), copyOf(body.next[i]!)]
    if (copy) copies.add(copy.value)
    return {
      ...(copy ? { stack: copy.part } : {}),
      first: firsts[i]!,
      carry: body.carries[i]!,
      next: body.next[i]!,
      ...(final ? { final } : {}),
      ...(history ? { history } : {}),
    }
  })
  const stacks = all.filter(({ value }) => !copies.has(value))
  const kernels = made.flatMap((k) => {
    const outputs = k.outputs.filter((o) => !copies.has(o.tensor))
    return outputs.length === k.outputs.length ? [k] : outputs.length > 0 ? [{ ...k, outputs }] : []
  })
  const reads = readsOf(kernels, [...toposort(bodyResults(body)), ...body.carries])
  for (const { first } of carries) reads.set(first, wholeLoad(first))
  return {
    kind: 'loop',
    region: scan,
    time,
    reverse,
    turn: body.turn,
    kernels,
    carries,
    stacks,
    reads: [...reads.values()],
  }
}

/** What kernels read that they do not make. */
export function readsOf(kernels: readonly Fused[], made: readonly Tensor[]): Map<Tensor, Load> {
  const own = new Set(made)
  const reads = new Map<Tensor, Load>()
  for (const k of kernels) {
    for (const { tensor } of k.values) own.add(tensor)
    for (const l of k.loads) if (!own.has(l.from)) reads.set(l.from, l)
  }
  return reads
}

export const wholeLoad = (from: Tensor): Load => ({
  kind: 'load',
  dtype: from.dtype,
  from,
  index: [constIndex(0)],
  flat: true,
})

/** Stands for what a region computes: no more is said of it than what it reads. */
export const valueOfInner = ({ reads }: Inner): Scalar =>
  reads.length === 0 ? literal(0, 'bool') : { kind: 'call', dtype: 'bool', fn: 'add', args: reads }
