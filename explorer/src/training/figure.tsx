import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

export interface FigureProps {
  readonly title: string
  readonly class?: string
  /** Beside the title. */
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

/** A part of the panel under a title. */
export function Figure({ title, class: name = '', aside, children }: FigureProps) {
  const id = useId()
  return (
    <section class={`train-figure ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <div class="train-aside">{aside}</div>
      </header>
      {children}
    </section>
  )
}

/** What a colour of a chart stands for. */
export const Key = ({ class: name, children }: { readonly class: string; readonly children: ComponentChildren }) => (
  <span class={`train-key ${name}`}>{children}</span>
)
