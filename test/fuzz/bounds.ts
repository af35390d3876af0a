import type { Specialised } from '../../src/compile/internals'
import { type CompileOptions, settingsOf } from '../../src/compile/options'
import type { Compilation } from '../../src/compile/pipeline'
import { wasmKernels } from '../../src/compile/wasm-kernels'
import type { Affine, Axis } from '../../src/ir/affine'
import type { Local, Stmt } from '../../src/ir/loop'
import { type Buffer, kernelsOf } from '../../src/ir/plan'
import { type Position, type Scalar, walk } from '../../src/ir/scalar'
import { bytesOf } from '../../src/ir/type'
import { SLACK } from '../../src/runtime/layout'
import { contextOf, type Schedule, scheduleKernel } from '../../src/schedule/schedule'
import { fail } from './fail'

const { threads: ONE_THREAD } = settingsOf({ threads: 1 })

type Range = readonly [low: number, high: number]
const sum = (a: Range, b: Range): Range => [a[0] + b[0], a[1] + b[1]]
const times = ([low, high]: Range, k: number): Range => (k < 0 ? [high * k, low * k] : [low * k, high * k])

/**
 * Every load and store lies inside its buffer, by interval arithmetic over the loops around it. What may lie outside by
 * design is guarded by a condition, or kept within the memory by the target.
 */
export function checkBounds(
  { compilation }: Specialised,
  { schedule = 'fast', target = 'js' }: Pick<CompileOptions, 'schedule' | 'target'> = {},
): void {
  const ranges = new Map<Axis | Local, Range>()
  const rangeOf = (a: Affine): Range =>
    [...a.terms].reduce<Range>(
      (total, [axis, k]) => sum(total, times(ranges.get(axis) ?? fail(`${axis.name} is used outside its loop`), k)),
      [a.base, a.base],
    )
  // Vectors may read beyond both ends, but write nothing there.
  const beyond = ({ dtype }: Buffer): number => (target === 'wasm' ? SLACK / bytesOf(dtype) : 0)
  const access = (buffer: Buffer, { index, pointer, offset }: Position, lanes: number, slack = 0): void => {
    const start = rangeOf(index)
    const [low, high] = pointer ? sum(start, ranges.get(pointer) ?? fail('a pointer is used outside its loop')) : start
    // What is added leads out of a border, where it stands before the buffer.
    if ((low < -slack && !offset) || high + lanes > buffer.size + slack)
      fail(`${buffer.name}[${low} to ${high + lanes - 1}] of ${buffer.size}`)
  }
  const scalar = (root: Scalar): void => {
    const unguarded = new Set<Scalar>()
    const visit = (s: Scalar): void => {
      if (unguarded.has(s)) return
      unguarded.add(s)
      if (s.kind === 'call') (s.fn === 'select' ? s.args.slice(0, 1) : s.args).forEach(visit)
    }
    visit(root)
    for (const s of walk([root]))
      if (s.kind === 'element' && (s.partial === 'guarded' ? unguarded.has(s) : s.partial === undefined))
        access(s.from.buffer, s.at, s.lanes, beyond(s.from.buffer))
  }
  const visit = (s: Stmt): void => {
    if (s.kind === 'for') {
      if (s.to <= s.from) return
      const last = Math.ceil((s.to - s.from) / s.step) - 1
      ranges.set(s.axis, [s.from, s.from + last * s.step])
      for (const p of s.inductions) ranges.set(p.local, sum(rangeOf(p.from), times([0, last], p.step)))
      s.body.forEach(visit)
      ranges.delete(s.axis)
      for (const p of s.inductions) ranges.delete(p.local)
    } else if (s.kind === 'if' || s.kind === 'while') {
      scalar(s.condition)
      s.body.forEach(visit)
    } else if (s.kind !== 'note') {
      scalar(s.value)
      if (s.kind === 'store') access(s.to.buffer, s.at, s.live ?? s.lanes)
    }
  }
  for (const body of bodiesOf(compilation, schedule, target === 'wasm')) body.forEach(visit)
}

function bodiesOf(compilation: Compilation, schedule: Schedule, isWasm: boolean): (readonly Stmt[])[] {
  const { plan, names } = compilation
  if (isWasm) return wasmKernels(compilation, { schedule, threads: ONE_THREAD }).kernels.map((kernel) => kernel.body)
  const context = contextOf(plan, names)
  return kernelsOf(plan.items).map((kernel) => scheduleKernel(kernel, schedule, context).body)
}
