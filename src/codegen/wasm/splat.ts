import type { Scalar } from '../../ir/scalar'

/** Whether a value has lanes. */
export function isVector(s: Scalar): boolean {
  if (s.kind === 'element') return s.lanes > 1
  if (s.kind === 'local') return s.local.lanes > 1
  return s.kind === 'call' && (s.fn === 'splat' || s.fn === 'ramp' || s.args.some(isVector))
}

/** The number that all lanes are, where it is a constant. */
export function splatNumber(s: Scalar): number | undefined {
  const of = s.kind === 'call' && s.fn === 'splat' ? s.args[0] : undefined
  return of?.kind === 'const' ? of.value : undefined
}
