import { renderToString } from 'katex'

/** Commands of KaTeX that formulas are written in, and how many arguments in braces they take. */
const COMMANDS: Readonly<Record<string, number>> = {
  ...none('odot cdot otimes le ne ge land lor veebar oplus ll gg lnot top to times infty ldots sim in'),
  ...none('exp log sin cos tan sinh cosh tanh max min arcsin arccos arctan det arg sum prod'),
  ...none('alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega'), // prettier-ignore
  ...none('lfloor rfloor lceil rceil'),
  ...{ frac: 2, operatorname: 1, mathrm: 1, mathbin: 1, mathord: 1, text: 1 },
}
/** Those that stand in text. */
const IN_TEXT = new Set(['textbackslash', 'textasciicircum', 'textasciitilde', 'textless', 'textgreater'])

function none(names: string): Record<string, number> {
  return Object.fromEntries(names.split(' ').map((name) => [name, 0]))
}

/** Fails for what KaTeX would refuse or warn of, and for any command that formulas have no need of. */
export function checkTex(tex: string): void {
  checkCommands(tex)
  // KaTeX has no measures of the letters that many languages write names in, and says so at each.
  renderToString(tex.replace(/[^\x20-\xff]/gu, 'x'), { displayMode: true, strict: 'error' })
}

function checkCommands(tex: string): void {
  let rest = tex
  const fail = (what: string): never => {
    throw new Error(`${what} at "${rest.slice(0, 40)}" in ${tex}`)
  }
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0]
    if (found !== undefined) rest = rest.slice(found.length)
    return found
  }
  const need = (pattern: RegExp): string => take(pattern) ?? fail(`no ${pattern.source}`)

  const group = (): void => {
    need(/^\{/)
    list(/^\}/)
    need(/^\}/)
  }
  const text = (): void => {
    need(/^\{/)
    while (!take(/^\}/)) {
      const command = take(/^\\[a-z]+(?=\{\})/)
      if (command !== undefined) {
        if (!IN_TEXT.has(command.slice(1))) fail(`${command} in text`)
        need(/^\{\}/)
      } else if (take(/^\\[{}$&#%_]/) === undefined) need(/^[^\\{}$&#%_^~\p{C}]/u)
    }
  }
  const cases = (): void => {
    for (let row = 0; row < 2; row++) {
      list(/^& /)
      need(/^& /)
      list(/^\\\\|^\\end/)
      if (row === 0) need(/^\\\\ /)
    }
    need(/^\\end\{cases\}/)
  }
  const item = (): void => {
    if (take(/^\\left[([|]/)) {
      list(/^\\right/)
      need(/^\\right[)\]|]/)
    } else if (take(/^\\begin\{cases\} /)) cases()
    else if (take(/^\\sqrt(?:\[3\])?(?=\{)/)) group()
    else if (take(/^\\&/) === undefined) {
      const command = take(/^\\[a-zA-Z]+/)
      if (command === undefined) need(/^[A-Za-z0-9.,+\-/<>=()[\]|:]|^\{(?=:\})/)
      else {
        const takes = Object.hasOwn(COMMANDS, command.slice(1)) ? COMMANDS[command.slice(1)]! : fail(`${command}`)
        if (command === '\\text') text()
        else for (let i = 0; i < takes; i++) group()
      }
      if (rest.startsWith(':}')) rest = rest.slice(2)
    }
    // A second one of either kind is an error of TeX.
    if (take(/^_/)) group()
    if (take(/^\^/)) group()
    if (/^[_^]/.test(rest)) fail('a second script')
  }
  const list = (end: RegExp): void => {
    while (rest !== '' && !end.test(rest)) {
      if (take(/^ /) === undefined) item()
    }
  }
  list(/^$/)
  const open = tex.replace(/\\[()[\]{}]/g, '')
  for (const pair of ['()', '[]'])
    if (inText(open).split(pair[0]!).length !== inText(open).split(pair[1]!).length) fail(`unbalanced ${pair}`)
}

/** Without what stands in text, where brackets are letters. */
const inText = (tex: string): string => tex.replace(/\\text\{(?:\\[a-z]+\{\}|\\.|[^\\}])*\}/g, '').replace(/\[3\]/g, '')
