import { type Content, type Html, markup } from './html'

/** Heads of columns: what stands in `n` is above numbers. */
export interface Heads {
  readonly text?: string
  readonly n?: string
}
export const text = (name: string): Heads => ({ text: name })
export const number = (name: string): Heads => ({ n: name })

interface Options {
  readonly className?: string
  /** Heads that are read out only. */
  readonly isUnseen?: boolean
}

/** A table that is scrolled by itself where the page is narrow, by keyboard too. */
export function table(
  label: string,
  heads: readonly Heads[],
  rows: Content,
  { className, isUnseen }: Options = {},
): Html {
  const head = heads.map(({ text, n }) =>
    n === undefined ? markup`<th scope="col">${text}</th>` : markup`<th scope="col" class="n">${n}</th>`,
  )
  return scrolled(
    label,
    markup`<table${className === undefined ? '' : markup` class="${className}"`}>
      <thead${isUnseen ? markup` class="unseen"` : ''}>
        <tr>${head}</tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  )
}

export const scrolled = (label: string, content: Content): Html =>
  markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${content}</div>`

/** A part that is closed at first. */
export const details = (summary: string, content: Content, isOpen = false): Html =>
  markup`<details${isOpen ? markup` open` : ''}>
    <summary>${summary}</summary>
    ${content}
  </details>`
