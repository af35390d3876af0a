import { AnyMap, originalPositionFor } from '@jridgewell/trace-mapping'
import { compile, emit, entry, GraphError, neg, recordSites, tensor } from 'gradloom'
import { emitWithMap, type EmitWithMapOptions } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { lined, lineWith, text } from './lined'

const given = { format: 'js', bindings: [{ B: 32 }], schedule: 'plain' } as const

/** Where each line of a module comes from, at the first sign that is written there. */
async function mapped(program: object, options: EmitWithMapOptions = given) {
  const { code, map } = await emitWithMap(program, options)
  const trace = new AnyMap(JSON.stringify(map))
  const lines = code.split('\n').map((line, i) => {
    const column = line.length - line.trimStart().length
    return { text: line, from: originalPositionFor(trace, { line: i + 1, column }) }
  })
  return { code, map, lines }
}
type Mapped = Awaited<ReturnType<typeof mapped>>

/** The lines of a kernel, with its comment. */
function kernel({ lines }: Mapped, name: string): Mapped['lines'] {
  const head = lines.findIndex((line) => line.text.startsWith(`function ${name}(`))
  const first = lines.slice(0, head).findLastIndex((line) => line.text === '') + 1
  return lines.slice(first, lines.findIndex((line, i) => i > head && line.text === '}') + 1)
}
const product = lineWith('const z =')

describe.each(['js', 'ts'] as const)('the source map of %s', (format) => {
  it.each(['plain', 'fast'] as const)('leads from every line of every kernel into the model, %s', async (schedule) => {
    const program = lined()
    const all = await mapped(program, { ...given, format, schedule })
    expect(all.code).toBe(emit(program, { ...given, format, schedule }))
    const names = [...all.code.matchAll(/^function ((?:compute|update)_\w+)\(/gm)].map((m) => m[1]!)
    expect(names).toEqual(expect.arrayContaining(['compute_h', 'update_W1', 'update_b1', 'compute_p']))
    for (const name of names)
      for (const { text, from } of kernel(all, name)) {
        expect(from.source, text).toMatch(/lined\.ts$/)
        expect(from.line, text).toBeGreaterThanOrEqual(lineWith("variable('W1'"))
        expect(from.line, text).toBeLessThanOrEqual(lineWith('predict: entry'))
      }
    const outside = all.lines.find((line) => line.text.startsWith('export function train'))!
    expect(outside.from.source).toBeNull()
  })

  it('leads from a weight to the product that its gradient belongs to', async () => {
    const own = kernel(await mapped(lined(), { ...given, format }), 'update_W1')
    const stores = own.filter((line) => /^\s+W1\[.*\] [-+]?= /.test(line.text))
    expect(stores.length).toBeGreaterThan(0)
    for (const { from } of stores) expect(from).toMatchObject({ line: product, name: 'W1' })
    expect(own.find((line) => line.text.startsWith('// d_W1 '))!.from).toMatchObject({ line: product, name: 'd_W1' })
    const update = own.find((line) => line.text.startsWith('// W1 '))!
    expect(update.from.line).toBe(lineWith('updates: sgd'))
    expect(own.find((line) => line.text.startsWith('function '))!.from).toMatchObject({
      line: product,
      name: 'update_W1',
    })
  })

  it('leads from a gradient that is stored to the line it belongs to', async () => {
    const own = kernel(await mapped(lined({ fuse: false }), { ...given, format }), 'compute_d_W1')
    const stores = own.filter((line) => /^\s+d_W1\[.*\] [-+]?= /.test(line.text))
    expect(stores.length).toBeGreaterThan(0)
    for (const { from } of stores) expect(from).toMatchObject({ line: product, name: 'd_W1' })
  })
})

describe('the source map', () => {
  it('has columns of the calls, and lines of comments that are broken', async () => {
    const all = await mapped(lined())
    const column = text.split('\n')[product - 1]!.indexOf('matmul(')
    expect(kernel(all, 'update_W1').find((line) => line.text.startsWith('// d_W1 '))!.from.column).toBe(column)
  })

  it('holds the name of the module and the texts of the model that are given', async () => {
    const { map } = await mapped(lined(), { ...given, file: 'net.js', text: { 'lined.ts': text } })
    expect(map).toMatchObject({ version: 3, file: 'net.js', sourcesContent: [text] })
    expect((await mapped(lined())).map.sourcesContent).toEqual([null])
  })

  it.each(['wasm', 'd.ts'] as const)('is refused for %s, with the formats that have one', async (format) => {
    const made = emitWithMap(lined(), { ...given, format })
    await expect(made).rejects.toBeInstanceOf(GraphError)
    await expect(made).rejects.toThrow(`format "${format}" has no source map; "js" and "ts" have one`)
  })

  it('is refused where lines were not recorded', async () => {
    recordSites(false)
    const run = compile(entry({ x: tensor([3]) }, ({ x }) => ({ outputs: { y: neg(x) } })))
    recordSites(true)
    await expect(emitWithMap(run, { format: 'js' })).rejects.toThrow('recordSites(true)')
  })
})
