/** Words that stand for a letter. */
const GREEK: ReadonlySet<string> = new Set(
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega'.split(' '), // prettier-ignore
)

const SPELLED: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
}

/** Any text as upright letters, whatever it holds: none of it is markup. */
export function latexText(text: string): string {
  const clean = text
    .normalize('NFC')
    // What is no character by itself: KaTeX refuses accents without a letter, and lone surrogates are no text.
    .replace(/[\p{C}\p{Zl}\p{Zp}\u0300-\u036f]+/gu, ' ')
    .replace(/[\\^~<>{}$&#%_]/g, (c) => SPELLED[c] ?? `\\${c}`)
  return `\\text{${clean}}`
}

/** A word: one letter in italics, longer ones upright, a Greek letter as such. */
function latexWord(word: string): string {
  if (/^[A-Za-z]$/.test(word)) return word
  if (GREEK.has(word)) return `\\${word}`
  return /^[A-Za-z0-9]+$/.test(word) ? `\\mathrm{${word}}` : latexText(word)
}

/**
 * The name of a tensor: numbers at its end and words behind a single letter are subscripts, `d_` in front is that of a gradient,
 * and scopes stand in front as they are: `W1` is W₁, `h_next` h with `next` below, `d_W1` d with W₁ below. With `mark` a further subscript.
 */
export function latexName(name: string, mark?: string): string {
  const { stem, below } = partsOf(name)
  const all = [...below, ...(mark === undefined ? [] : [latexText(mark)])]
  return all.length === 0 ? stem : `${stem}_{${all.join(',')}}`
}

function partsOf(name: string): { readonly stem: string; readonly below: readonly string[] } {
  if (/^d_./su.test(name)) return { stem: 'd', below: [latexName(name.slice(2))] }
  const slash = name.lastIndexOf('/')
  if (slash > 0 && slash < name.length - 1) {
    const { stem, below } = partsOf(name.slice(slash + 1))
    return { stem: `${latexText(name.slice(0, slash + 1))}${stem}`, below }
  }
  const numbered = /^([A-Za-z]+)_?(\d+)$/.exec(name)
  if (numbered) return { stem: latexWord(numbered[1]!), below: [numbered[2]!] }
  const [first, ...rest] = name.split('_')
  const isLetter = first!.length === 1 || GREEK.has(first!)
  if (isLetter && rest.length > 0 && rest.every((part) => part !== ''))
    return { stem: latexWord(first!), below: rest.map((part) => (/^\d+$/.test(part) ? part : latexWord(part))) }
  return { stem: latexWord(name), below: [] }
}
