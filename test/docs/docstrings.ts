import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '..', '..', 'src')
const parsed = new Map<string, ts.SourceFile>()
const treeOf = (path: string): ts.SourceFile => {
  const known = parsed.get(path)
  if (known) return known
  const tree = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true)
  parsed.set(path, tree)
  return tree
}

const textOf = (node: ts.Node): string | undefined => {
  const comment = ts.getLeadingCommentRanges(node.getSourceFile().text, node.getFullStart())?.at(-1)
  if (!comment) return undefined
  const text = node.getSourceFile().text.slice(comment.pos, comment.end)
  if (!text.startsWith('/**')) return undefined
  return text
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim()
}

/** The statement that says what a name of a file is. */
const declarationOf = (tree: ts.SourceFile, name: string): ts.Statement | undefined =>
  tree.statements.find(
    (s) =>
      (ts.isFunctionDeclaration(s) && s.name?.text === name) ||
      (ts.isVariableStatement(s) && s.declarationList.declarations.some((d) => d.name.getText() === name)),
  )

/** What is called to make the value of a declaration: `convolution` in `export const conv2d = convolution(2)`. */
function makerOf(statement: ts.Statement, name: string): string | undefined {
  if (!ts.isVariableStatement(statement)) return undefined
  const value = statement.declarationList.declarations.find((d) => d.name.getText() === name)?.initializer
  return value && ts.isCallExpression(value) && ts.isIdentifier(value.expression) ? value.expression.text : undefined
}

function docOf(path: string, name: string): string | undefined {
  const tree = treeOf(path)
  const statement = declarationOf(tree, name)
  if (!statement) return undefined
  const maker = makerOf(statement, name)
  return textOf(statement) ?? (maker === undefined ? undefined : docOf(path, maker))
}

/** Up to the end of the first sentence, in one line. */
function firstSentence(text: string): string {
  const [paragraph] = text.split('\n\n')
  const line = paragraph!.replaceAll('\n', ' ')
  return (/^.*?(?<!\b(?:e\.g|i\.e|vs|al))\.(?= [A-Z]|$)/.exec(line)?.[0] ?? line).replace(/\.$/, '')
}

/** The first sentence of the docstring of each value that a file of exports names; undefined where there is none. */
export function docstrings(index: string): ReadonlyMap<string, string | undefined> {
  const path = join(root, index)
  const found = new Map<string, string | undefined>()
  for (const s of treeOf(path).statements) {
    if (!ts.isExportDeclaration(s) || s.isTypeOnly) continue
    const module = `${(s.moduleSpecifier as ts.StringLiteral).text}.ts`
    if (!s.exportClause) for (const [name, text] of docstrings(join(dirname(index), module))) found.set(name, text)
    if (!s.exportClause || !ts.isNamedExports(s.exportClause)) continue
    const from = join(dirname(path), module)
    for (const e of s.exportClause.elements) {
      if (e.isTypeOnly) continue
      const text = docOf(from, (e.propertyName ?? e.name).text)
      found.set(e.name.text, text === undefined ? undefined : firstSentence(text))
    }
  }
  return found
}
