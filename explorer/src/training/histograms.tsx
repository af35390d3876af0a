import { useCallback } from 'preact/hooks'
import { Canvas } from './canvas'
import { Figure, Key } from './figure'
import type { Histogram } from './histogram'
import { count, short } from './numbers'
import type { Palette } from './palette'
import type { VariableView } from './protocol'

export interface HistogramsProps {
  readonly variables: readonly VariableView[]
  readonly step: number
}

/** How the weights of each variable and their gradients are spread. */
export function Histograms({ variables, step }: HistogramsProps) {
  if (variables.length === 0) return null
  return (
    <Figure
      title="Weights and gradients"
      class="train-histograms"
      aside={
        <>
          <Key class="first">weights</Key>
          <Key class="second">gradients of the last batch</Key>
          <span>step {count(step)}</span>
        </>
      }
    >
      <ul>
        {variables.map((v) => (
          <li key={v.name}>
            <h3>
              <code>{v.name}</code> [{v.shape.join(', ')}]
            </h3>
            <Bars histogram={v.weights} colour="first" label={`Weights of ${v.name}`} />
            {v.gradients && <Bars histogram={v.gradients} colour="second" label={`Gradients of ${v.name}`} />}
          </li>
        ))}
      </ul>
    </Figure>
  )
}

interface BarsProps {
  readonly histogram: Histogram
  readonly colour: 'first' | 'second'
  readonly label: string
}

function Bars({ histogram, colour, label }: BarsProps) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, palette: Palette) => {
      const { bins, least, most } = histogram
      const tallest = Math.max(...bins, 1)
      const step = width / bins.length
      context.fillStyle = palette.line
      context.fillRect(0, height - 1, width, 1)
      context.fillStyle = palette[colour]
      bins.forEach((n, i) => {
        // Fewer than a pixel would not be seen, and single outliers matter.
        const tall = n === 0 ? 0 : Math.max(1.5, (n / tallest) * (height - 2))
        context.fillRect(i * step, height - tall, Math.max(1, step - 1), tall)
      })
      if (least < 0 && most > 0) {
        const zero = (-least / (most - least)) * width
        context.fillStyle = palette.soft
        context.fillRect(Math.round(zero), 0, 1, height)
      }
    },
    [histogram, colour],
  )
  const { least, most, mean, deviation, broken } = histogram
  const odd = broken > 0 ? `; ${count(broken)} not finite` : ''
  const said = `${label}: from ${short(least)} to ${short(most)}, mean ${short(mean)}, deviation ${short(deviation)}${odd}`
  return (
    <div class="train-bars" title={said}>
      <Canvas label={said} aspect={0.26} draw={draw} />
      <div aria-hidden="true">
        <span>{short(least)}</span>
        <span class={broken > 0 ? 'wrong' : ''}>
          {broken > 0 ? `${count(broken)} not finite` : `σ ${short(deviation)}`}
        </span>
        <span>{short(most)}</span>
      </div>
    </div>
  )
}
