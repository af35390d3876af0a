import type { Signal } from '@preact/signals'

export interface SplitterProps {
  readonly label: string
  readonly orientation: 'vertical' | 'horizontal'
  /** The share of the whole that lies in front of it, in percent. */
  readonly share: Signal<number>
  readonly least: number
  readonly most: number
}

const STEP = 2

/** The border between two panes: it is dragged, or moved by the arrows. */
export function Splitter({ label, orientation, share, least, most }: SplitterProps) {
  const move = (to: number): void => {
    share.value = Math.min(most, Math.max(least, to))
  }
  const onPointerDown = (event: PointerEvent): void => {
    const bar = event.currentTarget as HTMLElement
    const whole = bar.parentElement!.getBoundingClientRect()
    bar.setPointerCapture(event.pointerId)
    bar.onpointermove = ({ clientX, clientY }) =>
      move(
        orientation === 'vertical'
          ? (100 * (clientX - whole.left)) / whole.width
          : (100 * (clientY - whole.top)) / whole.height,
      )
    bar.onpointerup = () => (bar.onpointermove = null)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const [less, more] = orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    const by = event.key === less ? -STEP : event.key === more ? STEP : 0
    if (by === 0) return
    event.preventDefault()
    move(share.value + by)
  }
  return (
    <div
      class={`splitter ${orientation}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(share.value)}
      aria-valuemin={least}
      aria-valuemax={most}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  )
}
