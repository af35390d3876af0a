/** Text that is HTML already. Only `markup` and `trusted` make it. */
export interface Html {
  readonly html: string
}

export type Content = Html | string | number | undefined | readonly Content[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Characters that no page may hold, halves of characters, and marks that turn the direction of the text around them. */
const INVISIBLE = /(?![\t\n])\p{Cc}|\p{Cs}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Text of anybody, as it may stand between tags and in quoted attributes. */
export const escaped = (text: string): string =>
  text.replace(INVISIBLE, '\ufffd').replace(/[&<>"']/g, (c) => ESCAPES[c]!)

/** What this library has written itself. */
export const trusted = (text: string): Html => ({ html: text })

const textOf = (content: Content): string => {
  if (content === undefined) return ''
  if (typeof content === 'string') return escaped(content)
  if (typeof content === 'number') return String(content)
  return 'html' in content ? content.html : content.map(textOf).join('')
}

/** A long name, which may go on in the next line behind its words. */
export const breakable = (name: string): Html =>
  trusted(
    name
      .split(/(?<=[_/.])/)
      .map(escaped)
      .join('<wbr>'),
  )

/** The source is indented, what it makes is not. */
const outdented = (part: string): string => part.replace(/\n\s+/g, '\n')

/** A template in which whatever is put in is escaped, unless it is HTML. */
export const markup = (parts: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  trusted(parts.map(outdented).reduce((text, part, i) => text + textOf(contents[i - 1]) + part))
