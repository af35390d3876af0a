import { slice } from '../../../api/arrange'
import { takeAlongAxis } from '../../../api/indexing'
import { abs, clip, floor, mod, round } from '../../../api/elementary'
import { logicalAnd } from '../../../api/logic'
import { add, cast, greaterEqual, lessEqual, minimum, mul, sub } from '../../../api/math'
import { reshape } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import { sizeOf, stridesOf } from '../../../ir/type'
import type { NodeCall, OnnxOps } from '../node-call'

const MODES = { bilinear: 'linear', linear: 'linear', nearest: 'nearest', bicubic: 'cubic', cubic: 'cubic' } as const
const PADDINGS = ['zeros', 'border', 'reflection'] as const
type Padding = (typeof PADDINGS)[number]
const CUBIC = -0.75

/** One element along an axis that a result is made of: its position, and the weight, of all points of the grid. */
interface Tap {
  readonly at: Tensor
  readonly weight: Tensor | undefined
}

interface Axis {
  readonly extent: number
  readonly isAligned: boolean
  readonly padding: Padding
}

/** Thrown back at both edges: those of the outermost elements, or their middles where corners are aligned. */
function reflected(x: Tensor, { extent, isAligned }: Axis): Tensor {
  const first = isAligned ? 0 : -0.5
  const span = isAligned ? extent - 1 : extent
  if (span === 0) return mul(x, 0)
  const along = mod(abs(sub(x, first)), 2 * span)
  return add(minimum(along, sub(2 * span, along)), first)
}

const inside = (x: Tensor, { extent }: Axis): Tensor => clip(x, 0, extent - 1)

/** A position that is an element, and a weight that is none beyond the edges where there are zeros. */
function tap(at: Tensor, weight: Tensor | undefined, axis: Axis): Tap {
  const within = inside(axis.padding === 'reflection' ? reflected(at, axis) : at, axis)
  if (axis.padding !== 'zeros') return { at: cast(within, 'int32'), weight }
  const counts = cast(logicalAnd(greaterEqual(at, 0), lessEqual(at, axis.extent - 1)), at.dtype as 'float32')
  return { at: cast(within, 'int32'), weight: weight ? mul(weight, counts) : counts }
}

/** Keys's kernel at a distance below 1, and at one from 1 to 2. */
const near = (d: Tensor): Tensor => add(mul(mul(sub(mul(d, CUBIC + 2), CUBIC + 3), d), d), 1)
const far = (d: Tensor): Tensor => sub(mul(add(mul(sub(mul(d, CUBIC), 5 * CUBIC), d), 8 * CUBIC), d), 4 * CUBIC)

function tapsOf(grid: Tensor, axis: Axis, mode: 'linear' | 'nearest' | 'cubic'): Tap[] {
  const { extent, isAligned, padding } = axis
  const moved = add(grid, 1)
  const raw = isAligned ? mul(moved, (extent - 1) / 2) : mul(sub(mul(moved, extent), 1), 0.5)
  // The cubic kernel reaches beyond the edges: its elements are padded, not its middle.
  const held = padding === 'zeros' || mode === 'cubic' ? raw : inside(padding === 'border' ? raw : reflected(raw, axis), axis) // prettier-ignore
  if (mode === 'nearest') return [tap(round(held), undefined, axis)]
  const low = floor(held)
  const part = sub(held, low)
  if (mode === 'linear') return [tap(low, sub(1, part), axis), tap(add(low, 1), part, axis)]
  const weights = [far(add(part, 1)), near(part), near(sub(1, part)), far(sub(2, part))]
  return weights.map((weight, i) => tap(add(low, i - 1), weight, axis))
}

/** x [batch, channels, ...spatial] at the points of a grid [batch, ...points, axes], from -1 to 1 along each axis, the last first. */
function gridSample(call: NodeCall): Tensor {
  const [x, grid] = [call.requireFloat(0), call.requireFloat(1)]
  const spatial = x.shape.slice(2)
  const given = call.attributes.text('mode', call.opset < 20 ? 'bilinear' : 'linear')
  if (!Object.hasOwn(MODES, given)) call.fail(`mode ${JSON.stringify(given)} is not known`)
  const mode = MODES[given as keyof typeof MODES]
  const edge = call.attributes.text('padding_mode', 'zeros')
  const padding = PADDINGS.find((p) => p === edge) ?? call.fail(`padding_mode ${JSON.stringify(edge)} is not known`)
  const isAligned = call.attributes.flag('align_corners')
  if (
    spatial.length < 1 ||
    grid.shape.length !== x.shape.length ||
    grid.shape.at(-1) !== spatial.length ||
    grid.shape[0] !== x.shape[0]
  )
    // prettier-ignore
    call.fail(`a grid of [${grid.shape.join(', ')}] does not fit [${x.shape.join(', ')}]`)
  if (spatial.length > 3 || spatial.includes(0)) call.refuse(`sampling [${x.shape.join(', ')}]`)
  const points = grid.shape.slice(1, -1)
  const [batch, channels] = x.shape as [number, number]
  const rows = reshape(x, [batch, channels, sizeOf(spatial)])
  const line = (i: number): Tensor =>
    reshape(slice(grid, [...grid.shape.slice(1).map(() => null), spatial.length - 1 - i]), [batch, 1, sizeOf(points)])
  const strides = stridesOf(spatial)
  const combined = spatial
    .map((extent, i) =>
      tapsOf(line(i), { extent, isAligned, padding }, mode).map(({ at, weight }): Tap => ({
        at: mul(at, strides[i]!),
        weight,
      })),
    ) // prettier-ignore
    .reduce((all, taps) => all.flatMap((a) => taps.map((b) => joined(a, b))))
  const parts = combined.map(({ at, weight }): Tensor => {
    const taken = takeAlongAxis<Tensor, Tensor<readonly number[], 'int32'>, number>(rows, at as never, { axis: 2 })
    return weight ? mul(taken, weight) : taken
  })
  return reshape(parts.reduce((a, b) => add(a, b)), [batch, channels, ...points]) // prettier-ignore
}

const joined = (a: Tap, b: Tap): Tap => ({
  at: add(a.at, b.at),
  weight: a.weight && b.weight ? mul(a.weight, b.weight) : (a.weight ?? b.weight),
})

/** Images at computed points. */
export const SAMPLING: OnnxOps = { GridSample: gridSample }
