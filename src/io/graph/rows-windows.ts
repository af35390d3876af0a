import { sizeOf } from '../../ir/type'
import type { Tensor } from '../../ir/tensor'
import type { WINDOWED } from '../../ops/table-window'
import type { Windows } from '../../ops/window'
import type { LabelIndex, WindowProductAttrs } from '../../ops/window-product'
import { MOST, refuse } from './fields'
import { flag, format, list, never, perSpatial, record, spatialShape, title, tuple, whole, wholes } from './kinds'
import { op, type Rows } from './row'

const MOVES = {
  strides: perSpatial(1),
  dilations: perSpatial(1),
  before: perSpatial(-MOST),
  after: perSpatial(-MOST),
  format,
}
const WINDOWS = { ...MOVES, window: perSpatial(1) }
const CONV = { ...MOVES, groups: whole(1) }

/** Shape rules of pools look at every window along an axis. */
const MOST_WINDOWS = 2 ** 18

function checkPool({ format, before, after }: Windows, [x]: readonly Tensor[]): void {
  const room = spatialShape(x!, format).map((d, i) => d + Math.max(0, before[i]!) + Math.max(0, after[i]!))
  if (room.some((d) => d > MOST_WINDOWS)) refuse(`pools along more than ${MOST_WINDOWS} elements`)
}

const LABEL = record<LabelIndex>({ base: whole(-MOST), terms: list(tuple(whole(-MOST))) })

const GATHERED = 'a product of windows that are gathered cannot be written; nothing but a compiled program has one'

/** How the ops of convolutions and pools are written. */
export const windowRows = (): Rows<typeof WINDOWED> => ({
  conv: op(2, CONV),
  convInput: op(2, { ...CONV, size: perSpatial(0) }),
  convKernel: op(2, { ...CONV, window: perSpatial(1) }),
  windowProduct: op<WindowProductAttrs>(
    2,
    {
      extents: wholes(0),
      a: list(LABEL),
      b: list(LABEL),
      out: wholes(0),
      summed: wholes(0),
      moved: never<readonly LabelIndex[]>(GATHERED),
      title,
    },
    ({ extents, a, b, out, summed }, inputs) => {
      const bound = [...out, ...summed]
      if (new Set(bound).size !== bound.length || bound.some((label) => label >= extents.length))
        refuse('labels of the result and those that are summed must be different ones of those with an extent')
      for (const [i, dims] of [a, b].entries()) {
        if (dims.length !== inputs[i]!.shape.length)
          refuse(`operand ${i + 1} needs an index for each of its ${inputs[i]!.shape.length} axes`)
        if (dims.some(({ terms }) => terms.some(([label]) => !bound.includes(label))))
          refuse(`operand ${i + 1} is read at a label that is neither in the result nor summed`)
      }
    },
  ),
  windowScatter: { unwritable: GATHERED },
  windows: op(1, WINDOWS, ({ before, after }) => {
    if ([...before, ...after].some((n) => n !== 0)) refuse('windows lie inside, without padding')
  }),
  foldTurns: op(
    1,
    { strides: wholes(1), firsts: wholes(-MOST), turns: wholes(0), dilations: wholes(1), window: wholes(1), format },
    ({ strides, firsts, turns, dilations, window }, [x]) => {
      const count = window.length
      const isWhole = [strides, firsts, turns, dilations].every((values) => values.length === count)
      if (!isWhole || x!.shape.length !== 2 + 2 * count)
        refuse('the operand must have axes for positions, then for the taps of the window')
    },
  ),
  maxPool: op(1, WINDOWS, checkPool),
  poolIndex: op(1, { ...WINDOWS, codes: list(whole(-MOST - 1), MOST_WINDOWS) }, (attrs, inputs) => {
    checkPool(attrs, inputs)
    if (attrs.codes.length !== sizeOf(attrs.window)) refuse('needs a code for each tap of the window')
  }),
  place: op(2, { ...WINDOWS, size: perSpatial(0) }),
  pick: op(2, WINDOWS, checkPool),
  sumPool: op(1, WINDOWS, checkPool),
  averagePool: op(1, { ...WINDOWS, includesPadding: flag }, checkPool),
})
