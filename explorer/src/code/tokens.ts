/** A stretch of generated code and what it is; plain text has no kind. */
export interface Token {
  readonly text: string
  readonly kind?: 'comment' | 'keyword' | 'number' | 'string' | 'call' | 'type'
}

// Generated code is regular: comments stand on lines of their own or in (; ;), and no string spans lines.
const JS =
  /(?<comment>\/\/.*|\/\*.*?\*\/)|(?<string>'[^'\n]*'|"[^"\n]*"|`[^`\n]*`)|(?<number>\b\d[\w.]*(?:e[+-]?\d+)?\b)|(?<keyword>\b(?:function|const|let|for|if|else|return|new|while|export|import|throw|true|false|null|undefined)\b)|(?<call>[A-Za-z_$][\w$]*(?=\())/g
const WAT =
  /(?<comment>;;.*|\(;.*?;\))|(?<string>"[^"\n]*")|(?<call>\$[^\s()]+)|(?<type>\b[iufv]\d+(?:x\d+)?\.[\w.]+)|(?<keyword>\b(?:module|func|param|result|local|loop|block|if|then|else|br_if|br|call|return|import|export|memory|global|local\.(?:get|set|tee)|global\.(?:get|set)|type|offset|align)\b)|(?<number>[-+]?\b(?:0x[\da-f]+|\d[\d._]*(?:e[+-]?\d+)?)\b)/g

/** The tokens of a text; together they are the text. */
export function tokensOf(text: string, language: 'js' | 'wasm'): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (const match of text.matchAll(language === 'js' ? JS : WAT)) {
    if (match.index > at) tokens.push({ text: text.slice(at, match.index) })
    const kind = Object.entries(match.groups!).find(([, found]) => found !== undefined)![0]
    tokens.push({ text: match[0], kind: kind as NonNullable<Token['kind']> })
    at = match.index + match[0].length
  }
  if (at < text.length) tokens.push({ text: text.slice(at) })
  return tokens
}
