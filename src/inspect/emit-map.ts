import { commentLines } from '../codegen/text'
import { insideOf } from '../codegen/provenance'
import { emitSeen, type EmitOptions } from '../compile/emit'
import type { EmittedKernel } from '../compile/emit-js'
import { loadPackage } from '../formats/package'
import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { placeOf } from '../ir/origin'
import type { Place } from '../ir/place'
import type { Tensor } from '../ir/tensor'
import { textOf } from './provenance'

/** What `emitWithMap` takes. */
export interface EmitWithMapOptions extends EmitOptions {
  /** The name of the file that the module will have: the map tells it. */
  readonly file?: string
  /** Texts of the model's files, by path or name: they become part of the map. */
  readonly text?: Readonly<Record<string, string>>
}

/** A source map of version 3, as JSON holds it (ECMA-426). */
export interface SourceMap {
  readonly version: 3
  readonly file?: string | null
  readonly names: readonly string[]
  readonly sources: readonly (string | null)[]
  readonly sourcesContent?: readonly (string | null)[]
  readonly mappings: string
}

/** What `emitWithMap` gives. */
export interface MappedModule {
  /** What `emit` gives. */
  readonly code: string
  readonly map: SourceMap
}

/** What is used of the package that encodes maps; lines count from 1, columns from 0. */
interface GenMapping {
  readonly GenMapping: new (options: { readonly file?: string }) => object
  addMapping(
    map: object,
    mapping: {
      readonly generated: { readonly line: number; readonly column: number }
      readonly source: string
      readonly original: { readonly line: number; readonly column: number }
      readonly name?: string
    },
  ): void
  setSourceContent(map: object, source: string, content: string): void
  toEncodedMap(map: object): SourceMap
}

/**
 * The module that `emit` gives, and a source map from its kernels to the lines of the model. A formula in a comment and a
 * line that stores an element lead to the line that made the tensor; a line that stores the next value of a variable to the
 * line that its gradient comes from, where that is computed in the same kernel; other lines of a kernel to where its first
 * tensor was made. Names are those of tensors and kernels.
 *
 * Needs the package @jridgewell/gen-mapping; rejects with a RuntimeError where that is not installed, and with a GraphError as
 * `emit` throws it, for the formats `wasm` and `d.ts`, and where lines were not recorded.
 */
export async function emitWithMap(program: object, options: EmitWithMapOptions): Promise<MappedModule> {
  checkKeys('emitWithMap', options, ['format', 'bindings', 'weights', 'schedule', 'file', 'text'])
  const { file, text = {}, ...emitted } = options
  if (emitted.format === 'wasm' || emitted.format === 'd.ts')
    throw new GraphError(`emitWithMap: format "${emitted.format}" has no source map; "js" and "ts" have one`)
  const kernels: EmittedKernel[] = []
  const code = emitSeen(program, emitted, (kernel) => kernels.push(kernel))
  const rows = mappedRows(code, kernels)
  if (rows.length === 0)
    throw new GraphError('emitWithMap: no tensor knows its line; build the model with recordSites(true)')
  const gen = (await loadPackage('@jridgewell/gen-mapping', 'emitWithMap')) as GenMapping
  const map = new gen.GenMapping(file === undefined ? {} : { file })
  for (const { line, column, place, name } of rows)
    gen.addMapping(map, {
      generated: { line, column },
      source: place.file,
      original: { line: place.line, column: place.column - 1 },
      ...(name === undefined ? {} : { name }),
    })
  for (const source of new Set(rows.map((row) => row.place.file))) {
    const content = textOf(source, text)
    if (content !== undefined) gen.setSourceContent(map, source, content)
  }
  return { code, map: gen.toEncodedMap(map) }
}

/** A line of the module, where its text begins, and what it comes from. */
interface Row {
  readonly line: number
  readonly column: number
  readonly place: Place
  readonly name?: string
}

function mappedRows(code: string, kernels: readonly EmittedKernel[]): Row[] {
  const rows: Row[] = []
  let at = 0
  let line = 1
  for (const kernel of kernels) {
    const start = code.indexOf(kernel.text, at)
    for (; at < start; at++) if (code[at] === '\n') line++
    const lines = kernel.text.split('\n')
    sourcesOf(kernel, lines).forEach(({ place, name }, i) => {
      if (!place) return
      const column = lines[i]!.length - lines[i]!.trimStart().length
      rows.push({ line: line + i, column, place, ...(name === undefined ? {} : { name }) })
    })
  }
  return rows
}

/** What a line of the text comes from. */
interface Source {
  readonly place: Place | undefined
  readonly name?: string
}

function sourcesOf({ printed, nameOf, buffers }: EmittedKernel, lines: readonly string[]): Source[] {
  const { planned, kernel } = printed
  const { shown, formulas } = printed.facts()
  const inside = [...insideOf(planned.fused)]
  const whole =
    planned.fused.values.map(({ tensor }) => placeOf(tensor.origin)).find((place) => place !== undefined) ??
    inside.map((t) => placeOf(t.origin)).find((place) => place !== undefined)
  const ofTensor = (t: Tensor, from = t): Source => ({ place: placeOf(from.origin) ?? whole, name: nameOf(t) })
  const comments = shown.flatMap((t, i) => commentLines(formulas[i]!).map(() => ofTensor(t)))
  const stores = new Map<string, Source>()
  for (const [t, buffer] of planned.stores) {
    const variable = buffer.region === 'state' ? buffer.of : undefined
    const gradient = variable && inside.find((x) => x.origin.gradient?.of === variable)
    stores.set(buffers.get(buffer)!, ofTensor(variable ?? t, gradient ?? t))
  }
  return lines.map((text, i): Source => {
    const comment = comments[i]
    if (comment) return comment
    if (text.startsWith('function ')) return { place: whole, name: kernel.name }
    // Of all lines only assignments to an element begin with one.
    const stored = /^\s+([^\s[(]+)\[.*\] [-+]?= /.exec(text)
    return (stored && stores.get(stored[1]!)) ?? { place: whole }
  })
}
