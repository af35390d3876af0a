import type { DrawnFrame } from '../protocol'

export interface FrameProps {
  readonly frame: DrawnFrame
  readonly onClose: () => void
}

/** Around a scope that is open. Its title closes it. */
export function Frame({ frame: { title, x, y, width, height }, onClose }: FrameProps) {
  const [left, top] = [x - width / 2, y - height / 2]
  const close = (event: Event): void => {
    event.stopPropagation()
    onClose()
  }
  return (
    <g class="frame">
      <rect x={left} y={top} width={width} height={height} rx="6" />
      <g
        class="frame-title"
        role="button"
        tabindex={0}
        aria-label={`Close scope ${title}`}
        onClick={close}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return
          event.preventDefault()
          close(event)
        }}
      >
        <rect class="hit" x={left + 4} y={top + 2} width={title.length * 7.4 + 28} height="20" rx="4" />
        <text x={left + 10} y={top + 16} aria-hidden="true">
          − {title}
        </text>
      </g>
    </g>
  )
}
