import type { DrawnNode } from '../protocol'

type Sized = Pick<DrawnNode, 'width' | 'height'>

const path = (points: readonly (readonly [number, number])[]): string => `M${points.map((p) => p.join(' ')).join('L')}Z`

/** A box with round ends. */
const pill = ({ width: w, height: h }: Sized): string => {
  const [r, x] = [h / 2, w / 2 - h / 2]
  return `M${-x} ${-r}H${x}A${r} ${r} 0 0 1 ${x} ${r}H${-x}A${r} ${r} 0 0 1 ${-x} ${-r}Z`
}
const rounded = ({ width: w, height: h }: Sized, most: number): string => {
  const [x, y, r] = [w / 2, h / 2, Math.min(most, h / 3)]
  return `M${r - x} ${-y}H${x - r}Q${x} ${-y} ${x} ${r - y}V${y - r}Q${x} ${y} ${x - r} ${y}H${r - x}Q${-x} ${y} ${-x} ${y - r}V${r - y}Q${-x} ${-y} ${r - x} ${-y}Z`
}
/** With its corners cut off. */
const cut = ({ width: w, height: h }: Sized, most: number): string => {
  const [x, y, c] = [w / 2, h / 2, Math.min(most, h / 3)]
  return path([
    [c - x, -y],
    [x - c, -y],
    [x, c - y],
    [x, y - c],
    [x - c, y],
    [c - x, y],
    [-x, y - c],
    [-x, c - y],
  ])
}
/** Pointing downwards, as what is written back. */
const tag = ({ width: w, height: h }: Sized, most: number): string => {
  const [x, y, c] = [w / 2, h / 2, Math.min(most, h / 3)]
  return path([
    [-x, -y],
    [x, -y],
    [x, y - c],
    [x - c, y],
    [c - x, y],
    [-x, y - c],
  ])
}

/** The outline of a box about its middle: each part has a shape, so that colour is not needed to tell them apart. */
export function outlineOf({ part, ...size }: Pick<DrawnNode, 'part' | 'width' | 'height'>): string {
  switch (part) {
    case 'input':
      return pill(size)
    case 'state':
      return rounded(size, 2)
    case 'constant':
      return rounded(size, 0)
    case 'forward':
      return rounded(size, 8)
    case 'backward':
      return cut(size, 9)
    case 'update':
      return tag(size, 11)
  }
}
