import { useCallback } from 'preact/hooks'
import { Canvas } from './canvas'
import { Figure, Key } from './figure'
import { percent } from './numbers'
import type { Palette } from './palette'
import { REACH } from './reach'
import type { Points, Prediction } from './protocol'

export interface SpiralsViewProps {
  readonly points: Points
  readonly prediction: Extract<Prediction, { kind: 'spirals' }> | undefined
}

/** The plane in the colours of the spiral that each place is held to belong to, and the points. */
export function SpiralsView({ points, prediction }: SpiralsViewProps) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, palette: Palette) => {
      if (prediction) drawField(context, width, height, palette, prediction)
      drawPoints(context, width, height, palette, points)
    },
    [points, prediction],
  )
  const label = prediction
    ? `The plane divided between two spirals; ${percent(prediction.accuracy)} of the held-out points lie on their side`
    : 'Two spirals; there are no predictions'
  return (
    <Figure
      title="Decision surface"
      class="train-square"
      aside={
        <>
          <Key class="first round">spiral 0</Key>
          <Key class="second diamond">spiral 1</Key>
        </>
      }
    >
      <Canvas label={label} aspect={1} draw={draw} />
    </Figure>
  )
}

function drawField(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  palette: Palette,
  { side, field }: NonNullable<SpiralsViewProps['prediction']>,
): void {
  const small = new OffscreenCanvas(side, side)
  const pixels = small.getContext('2d')!
  const image = pixels.createImageData(side, side)
  const [none, from, to] = [palette.sheet, palette.first, palette.second].map(channels) as [Rgb, Rgb, Rgb]
  field.forEach((p, i) => {
    const end = p < 0.5 ? from : to
    const share = Number.isNaN(p) ? 0 : Math.abs(2 * p - 1) * 0.42
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = none[c]! + (end[c]! - none[c]!) * share
    image.data[4 * i + 3] = 255
  })
  pixels.putImageData(image, 0, 0)
  context.imageSmoothingQuality = 'high'
  context.drawImage(small, 0, 0, width, height)
}

function drawPoints(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  palette: Palette,
  { points, labels }: Points,
): void {
  const radius = Math.max(1.8, width / 110)
  context.lineWidth = 0.75
  context.strokeStyle = palette.sheet
  labels.forEach((label, i) => {
    const x = ((points[2 * i]! + REACH) / (2 * REACH)) * width
    const y = ((REACH - points[2 * i + 1]!) / (2 * REACH)) * height
    context.beginPath()
    // The shape says it as well as the colour.
    if (label === 0) context.arc(x, y, radius, 0, 2 * Math.PI)
    else {
      const r = radius * 1.3
      context.moveTo(x, y - r)
      context.lineTo(x + r, y)
      context.lineTo(x, y + r)
      context.lineTo(x - r, y)
      context.closePath()
    }
    context.fillStyle = label === 0 ? palette.first : palette.second
    context.fill()
    context.stroke()
  })
}

type Rgb = readonly [number, number, number]

/** The channels of a colour that is written in hexadecimal digits. */
function channels(colour: string): Rgb {
  const digits = /^#([0-9a-f]{6})/i.exec(colour)?.[1] ?? '808080'
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)) as unknown as Rgb
}
