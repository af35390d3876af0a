import type { Tensor } from '../../../ir/tensor'
import { countTo } from '../../../ir/count-to'
import type { NodeCall, OnnxOps } from '../node-call'
import { constantOf } from '../values'

/** The most boxes of an image: each is compared with all that are kept. */
const MOST_BOXES = 2 ** 13

interface Box {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

const area = ({ top, left, bottom, right }: Box): number => (bottom - top) * (right - left)

/** What two boxes share of what they cover together. */
function overlap(a: Box, b: Box): number {
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  if (height <= 0 || width <= 0) return 0
  return (height * width) / (area(a) + area(b) - height * width)
}

function boxOf(data: ArrayLike<number>, at: number, isCentred: boolean): Box {
  const [a, b, c, d] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!]
  if (isCentred) return { left: a - c / 2, right: a + c / 2, top: b - d / 2, bottom: b + d / 2 }
  return { top: Math.min(a, c), bottom: Math.max(a, c), left: Math.min(b, d), right: Math.max(b, d) }
}

/** [batch, class, box] of each box that is kept, best first: how many there are hangs on the values, which must be known. */
function nonMaxSuppression(call: NodeCall): Tensor {
  const [boxes, scores] = [call.values(0), call.values(1)]
  const [batch, count, four] = boxes.shape as [number, number, number]
  const [sameBatch, classes, sameCount] = scores.shape as [number, number, number]
  if (four !== 4 || batch !== sameBatch || count !== sameCount)
    call.fail(`boxes [${boxes.shape.join(', ')}] and scores [${scores.shape.join(', ')}] do not go together`)
  if (count > MOST_BOXES) call.refuse(`a choice of ${count} boxes`)
  const most = call.optionalNumber(2) ?? 0
  const threshold = call.optionalNumber(3) ?? 0
  const least = call.optionalNumber(4) ?? -Infinity
  const isCentred = call.attributes.flag('center_point_box')
  const kept: number[] = []
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < classes; c++) {
      const score = (i: number): number => scores.data[(n * classes + c) * count + i]!
      const order = countTo(count).filter((i) => score(i) > least)
      const chosen: Box[] = []
      for (const i of order.sort((a, b) => score(b) - score(a) || a - b)) {
        if (chosen.length >= most) break
        const box = boxOf(boxes.data, 4 * (n * count + i), isCentred)
        if (chosen.some((other) => overlap(box, other) > threshold)) continue
        chosen.push(box)
        kept.push(n, c, i)
      }
    }
  return constantOf({ dtype: 'int32', shape: [kept.length / 3, 3], data: Int32Array.from(kept) })
}

/** What chooses among boxes. */
export const SUPPRESSION: OnnxOps = { NonMaxSuppression: nonMaxSuppression }
