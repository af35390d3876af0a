import type { Inspection } from '../inspect/inspection'
import { type Html, markup } from './html'
import { countOf } from './numbers'
import { details } from './table'

/** The generated code, closed at first, comments paler than what runs. */
export function codeDetails({ code: { text, target, schedule } }: Inspection): Html {
  const lines = text.replace(/\n+$/, '').split('\n')
  const written = target === 'js' ? 'JavaScript' : 'WebAssembly text'
  const body = lines.map((line) => markup`${isComment(line) ? markup`<span class="comment">${line}</span>` : line}\n`)
  return markup`<h3>Code</h3>
    ${details(
      `${written}, ${countOf(lines.length, 'line')}, ${schedule} schedule`,
      markup`<pre class="scroll" tabindex="0"><code>${body}</code></pre>`,
    )}`
}

const isComment = (line: string): boolean => /^\s*(?:\/\/|;;)/.test(line)
