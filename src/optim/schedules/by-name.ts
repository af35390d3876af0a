import { GraphError } from '../../ir/errors'
import { requireRecord } from '../../ir/names-of'
import { cosineKind, cosineRestartsKind } from './cosine'
import { exponentialKind, inverseTimeKind, piecewiseConstantKind, polynomialKind } from './decays'
import { isSchedule, makeSchedule, type Schedule, type ScheduleKind } from './schedule'
import { cyclicKind, linearKind, oneCycleKind } from './torch'

const KINDS = [
  exponentialKind,
  inverseTimeKind,
  piecewiseConstantKind,
  polynomialKind,
  cosineKind,
  cosineRestartsKind,
  linearKind,
  oneCycleKind,
  cyclicKind,
] as unknown as readonly ScheduleKind[]

/** A schedule of its class and options, or itself. Throws for a class that there is none of. */
export function scheduleOf(id: Schedule | { readonly className: string; readonly config: object }): Schedule {
  if (isSchedule(id)) return id
  requireRecord('scheduleOf', 'class and config', id)
  const kind = KINDS.find(({ className }) => className === id.className)
  if (kind) return makeSchedule(kind, id.config)
  throw new GraphError(
    `scheduleOf: there is no schedule ${String(id.className)}; there are ${KINDS.map((k) => k.className).join(', ')}`,
  )
}
