import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../explorer', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts') && !path.startsWith('dist'))
  .map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) }
  })
const importsOf = (tree: ts.SourceFile): ts.ImportDeclaration[] => tree.statements.filter(ts.isImportDeclaration)
const isTypeOnly = ({ importClause }: ts.ImportDeclaration): boolean => importClause?.isTypeOnly ?? false

describe('files of the explorer', () => {
  it('have at most 250 lines and no default export', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(files.filter(({ text }) => text.split('\n').length > 251).map((f) => f.path)).toEqual([])
    expect(files.filter(({ text }) => /^export default/m.test(text)).map((f) => f.path)).toEqual([])
  })

  it('load the library in workers only: the page itself stays small', () => {
    const page = files.filter(({ path }) => path.startsWith('src') && !/\/(?:worker|models|training)\//.test(path))
    expect(page.length).toBeGreaterThan(30)
    const loading = page.filter(({ tree }) =>
      importsOf(tree).some((i) => !isTypeOnly(i) && /^gradloom/.test((i.moduleSpecifier as ts.StringLiteral).text)),
    )
    expect(loading.map((f) => f.path)).toEqual([])
  })
})
