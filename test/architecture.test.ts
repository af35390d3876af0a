import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/**
 * What each folder may import from, its own files aside: the folders above it in this table, and of those the ones named.
 * `(types)` allows type-only imports. Naming a folder that is not used is a fault as well, so the table says how it is.
 */
const FLOORS: readonly (readonly [folder: string, imports: string])[] = [
  ['ir', ''],
  ['ops', 'ir'],
  ['autodiff', 'ir ops'],
  ['batching', 'ir ops'],
  ['passes', 'ir ops'],
  ['lower', 'ir ops'],
  ['plan', 'ir ops lower'],
  ['schedule', 'ir lower'],
  ['codegen', 'ir ops'],
  ['init', 'ir'],
  ['data', 'ir init'],
  ['api', 'ir ops autodiff batching init passes'],
  ['runtime', 'ir api(types)'],
  ['optim', 'ir ops api'],
  ['losses', 'ir ops api'],
  ['parts', 'ir ops init api'],
  ['layers', 'ir ops init api parts'],
  ['compile', 'ir ops passes lower plan schedule codegen api(types) runtime'],
  ['metrics', 'ir ops api losses compile'],
  ['formats', 'ir'],
  ['drawing', 'formats'],
  ['io', 'ir ops init api parts formats compile runtime'],
  ['onnx', 'ir ops passes lower codegen api compile formats'],
  ['training', 'ir init api optim losses metrics layers compile runtime formats io'],
  ['models', 'ir api compile layers training formats drawing'],
  ['keras', 'ir optim losses parts runtime formats layers training models'],
  ['callbacks', 'ir layers compile training'],
  ['files', 'ir formats layers io training callbacks'],
  ['inspect', 'ir ops passes plan codegen api(types) compile runtime formats drawing'],
  ['report', 'ir formats training(types) inspect'],
  ['numeric', 'ir ops init api compile'],
  ['cli', 'ir init api(types) compile runtime formats io models(types) inspect report'],
  [
    '.',
    'ir ops(types) init data api parts optim losses metrics layers models training callbacks files compile formats io numeric keras cli',
  ],
]
/** The only file that knows the graph library, and those that need Node. */
const GRAPHLIB = ['inspect/graphlib.ts']
const NODE = [
  ...['backup-and-restore', 'csv-logger', 'event-file', 'model-checkpoint', 'tensor-board', 'weights'].map(
    (f) => `files/${f}.ts`,
  ),
  ...['io/atomic.ts', 'node.ts'],
]
/** The command line, which runs in Node alone, and the packages that it is made with. */
const COMMAND_LINE = 'cli'
const COMMAND_PACKAGES = ['commander', 'picocolors']
/** Where `any` closes what cannot be written otherwise. */
const ANY = ['api/types.ts', 'ir/op.ts']
const MAX_LINES = 250

const root = fileURLToPath(new URL('../src', import.meta.url))
const name = (path: string): string => relative(root, path).split(sep).join('/')
const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))

interface Import {
  readonly module: string
  /** The file below src, if it is one. */
  readonly file: string | undefined
  readonly typeOnly: boolean
}
interface Source {
  readonly name: string
  readonly text: string
  readonly tree: ts.SourceFile
  readonly imports: readonly Import[]
}

function importsOf(tree: ts.SourceFile, path: string): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return
    const module = specifier.text
    const at = module.startsWith('.') ? name(join(dirname(path), module)) : undefined
    const file = at === undefined ? undefined : paths.includes(`${at}.ts`) ? `${at}.ts` : join(at, 'index.ts')
    found.push({ module, file, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause
      const names =
        clause?.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : []
      const all = names.length > 0 && !clause?.name && names.every((n) => n.isTypeOnly)
      add(node.moduleSpecifier, all || (clause?.isTypeOnly ?? false))
    } else if (ts.isExportDeclaration(node)) {
      const names = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : []
      add(node.moduleSpecifier, node.isTypeOnly || (names.length > 0 && names.every((n) => n.isTypeOnly)))
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

const sources = paths.map((path): Source => {
  const full = join(root, path)
  const text = readFileSync(full, 'utf8')
  const tree = ts.createSourceFile(full, text, ts.ScriptTarget.ES2022, true)
  return { name: name(full), text, tree, imports: importsOf(tree, full) }
})
const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.')
const byName = new Map(sources.map((s) => [s.name, s]))

/** Files reached from one by imports that are there at run time, with the file they were reached from. */
function reached(from: string): Map<string, string> {
  const via = new Map<string, string>()
  const stack = [from]
  while (stack.length > 0) {
    const at = stack.pop()!
    for (const { file, typeOnly } of byName.get(at)!.imports) {
      if (typeOnly || file === undefined || via.has(file)) continue
      via.set(file, at)
      stack.push(file)
    }
  }
  return via
}

function hasNode(tree: ts.Node, fits: (node: ts.Node) => boolean): boolean {
  return fits(tree) || (ts.forEachChild(tree, (child) => hasNode(child, fits) || undefined) ?? false)
}
const isDefaultExport = (node: ts.Node): boolean =>
  ts.isExportAssignment(node) ||
  (ts.isExportSpecifier(node) && node.name.text === 'default') ||
  (ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) ?? false))
const filesWhere = (fits: (s: Source) => boolean): string[] =>
  sources.filter(fits).map((s) => s.name).sort() // prettier-ignore

describe('imports', () => {
  it('lead to files that exist', () => {
    expect(sources.length).toBeGreaterThan(50)
    const missing = sources.flatMap((s) => s.imports.filter((i) => i.file !== undefined && !byName.has(i.file)))
    expect(missing).toEqual([])
  })

  it.each(FLOORS)('of %s are those of its floor', (folder, allowed) => {
    const own = sources.filter((s) => folderOf(s.name) === folder)
    const used = new Map<string, boolean>()
    for (const { file, typeOnly } of own.flatMap((s) => s.imports)) {
      const to = file === undefined ? folder : folderOf(file)
      if (to !== folder) used.set(to, (used.get(to) ?? true) && typeOnly)
    }
    const written = [...used].map(([to, typesOnly]) =>
      typesOnly && allowed.includes(`${to}(types)`) ? `${to}(types)` : to,
    )
    expect(written.sort()).toEqual(allowed.split(' ').filter(Boolean).sort())
    const below = FLOORS.slice(
      0,
      FLOORS.findIndex(([f]) => f === folder),
    ).map(([f]) => f)
    expect(below).toEqual(expect.arrayContaining([...used.keys()]))
  })

  it('know every folder', () => {
    expect(FLOORS.map(([folder]) => folder).sort()).toEqual([...new Set(sources.map((s) => folderOf(s.name)))].sort())
  })

  it('have no cycle at run time', () => {
    expect(filesWhere((s) => reached(s.name).has(s.name))).toEqual([])
  })

  it('keep the graph library and Node where they belong', () => {
    expect(filesWhere((s) => s.imports.some((i) => i.module === 'graphlib'))).toEqual(GRAPHLIB)
    const isCommand = (file: string): boolean => folderOf(file) === COMMAND_LINE
    const needNode = filesWhere((s) => s.imports.some((i) => i.module.startsWith('node:')))
    expect(needNode.filter((file) => !isCommand(file))).toEqual(NODE)
    for (const start of [
      'index.ts',
      'inspect/index.ts',
      'keras/index.ts',
      'nn.ts',
      'onnx/index.ts',
      'report/index.ts',
      'fit-worker.ts',
    ])
      expect(
        [...reached(start).keys()].filter((file) => NODE.includes(file) || isCommand(file)),
        start,
      ).toEqual([])
    expect([...reached('index.ts').keys()].filter((file) => folderOf(file) === 'inspect')).toEqual([])
    const packages = sources.flatMap((s) =>
      s.imports.filter((i) => i.file === undefined).map((i) => ({ file: s.name, module: i.module })),
    )
    const isKnown = ({ file, module }: (typeof packages)[number]): boolean =>
      module === 'graphlib' || module.startsWith('node:') || (isCommand(file) && COMMAND_PACKAGES.includes(module))
    expect(packages.filter((use) => !isKnown(use))).toEqual([])
  })
})

describe('files', () => {
  it(`have at most ${MAX_LINES} lines, or say in the first why`, () => {
    expect(filesWhere((s) => s.text.split('\n').length - 1 > MAX_LINES && !s.text.startsWith('// '))).toEqual([])
  })

  it('have any only where it closes an existential type', () => {
    const isAny = (node: ts.Node): boolean => node.kind === ts.SyntaxKind.AnyKeyword
    expect(filesWhere((s) => hasNode(s.tree, isAny))).toEqual(ANY)
  })

  it('have no default export', () => {
    expect(filesWhere((s) => hasNode(s.tree, isDefaultExport))).toEqual([])
  })
})
