import { call, literal, type Scalar } from '../ir/scalar'
import { elementwise } from './elementwise'
import { floats } from './unary'

const FORMATS = {
  float32: { unit: 2 ** -24, least: 2 ** -149, largest: (2 - 2 ** -23) * 2 ** 127 },
  float64: { unit: 2 ** -53, least: Number.MIN_VALUE, largest: Number.MAX_VALUE },
} as const
/** What is smaller is scaled up, so that half a unit in its last place is no subnormal. */
const SMALL = 2 ** -100
const SCALE = 2 ** 60

/**
 * The number next to a towards b. A little more than half a unit in the last place moves a by one when the sum is rounded.
 * Source: Rump et al. 2009, "Computing predecessor and successor in rounding to nearest".
 */
export const nextafterOp = elementwise('nextafter', {
  dtype: floats,
  fn: ([a, b], _, { dtype }) => {
    const { unit, least, largest } = FORMATS[dtype === 'float64' ? 'float64' : 'float32']
    const number = (value: number): Scalar => literal(value, dtype)
    const rounded = (x: Scalar): Scalar => (dtype === 'float32' ? call('round', x) : x)
    const size = call('abs', a!)
    const isUp = call('lt', a!, b!)
    const scale = call('select', call('lt', size, number(SMALL)), number(SCALE), number(1))
    const floor = call('select', call('lt', size, number(SMALL)), number(least * SCALE), number(0))
    const scaled = call('mul', a!, scale)
    const step = call('max', call('mul', call('abs', scaled), number(unit * (1 + 2 * unit))), floor)
    const moved = rounded(call('add', scaled, call('select', isUp, step, call('neg', step))))
    const next = call('div', moved, scale)
    const isInfinite = call('eq', size, number(Infinity))
    const finite = call('select', isInfinite, call('select', isUp, number(-largest), number(largest)), next)
    const isOrdered = call('or', isUp, call('lt', b!, a!))
    const same = call('select', call('eq', a!, b!), b!, call('add', a!, b!))
    return call('select', isOrdered, finite, same)
  },
  vjp: null,
})
