import { FeedError, GraphError } from '../ir/errors'
import type { Buffer } from '../ir/plan'
import { bytesOf, type Data, newData, showShape, showType, sizeOf, viewData } from '../ir/type'
import { isVariable, shortName, type Variable, variableAttrs } from '../ir/variable'
import { valueText } from '../ir/names-of'
import { siteText } from '../ir/origin'
import { isTensor, type Tensor } from '../ir/tensor'
import type { Value } from '../api/types'
import { fillView } from './fill'
import { fixedMemory, type ProgramMemory } from './linear-memory'

const ALIGNMENT = 16
const SECTION = 64

/** The memory of a program's variables: parameters side by side, then what is not trained, each kind of slot, scalars. */
export class Store {
  readonly memory: ProgramMemory
  /** Bytes of all variables, at the start of the memory. */
  readonly bytes: number
  readonly variables: readonly Variable[]
  private readonly buffers = new Map<Tensor, Buffer>()
  private readonly views = new Map<Tensor, Data>()
  private readonly byName = new Map<string, Variable>()

  constructor(
    variables: readonly Variable[],
    public seed: number,
    allocate: (bytes: number) => ProgramMemory = fixedMemory,
  ) {
    this.variables = sections(variables)
    for (const v of this.variables) {
      const before = this.byName.get(v.name)
      if (before) throw duplicate(v, before)
      this.byName.set(v.name, v)
    }
    let offset = 0
    let section = ''
    for (const v of this.variables) {
      const key = sectionOf(v)
      offset = roundUp(offset, key === section ? ALIGNMENT : SECTION)
      section = key
      this.buffers.set(v, {
        name: shortName(v),
        dtype: v.dtype,
        shape: v.shape,
        size: sizeOf(v.shape),
        region: 'state',
        offset,
        of: v,
        live: [0, Infinity],
      })
      offset += sizeOf(v.shape) * bytesOf(v.dtype)
    }
    this.memory = allocate(roundUp(Math.max(offset, 1), SECTION))
    this.bytes = roundUp(Math.max(offset, 1), SECTION)
    this.bind(this.memory.buffer)
    this.memory.onMove((buffer) => this.bind(buffer))
    this.reset()
  }

  private bind(memory: ArrayBuffer): void {
    for (const v of this.variables) {
      const { dtype, size, offset } = this.buffers.get(v)!
      this.views.set(v, viewData(dtype, memory, this.memory.base + offset, size))
    }
  }

  has(variable: Tensor): boolean {
    return this.buffers.has(variable)
  }

  bufferOf(variable: Variable): Buffer {
    const buffer = this.buffers.get(variable)
    if (buffer) return buffer
    throw new GraphError(
      `variable "${variable.name}" ${showShape(variable.shape)} was not part of the program when it was compiled; ` +
        `an entry must use the same variables for every binding of its dimensions`,
    )
  }

  /** First values again; what a failing initializer leaves behind is the old state. */
  reset(seed: number = this.seed): void {
    const values = this.variables.map((v) => {
      const data = newData(v.dtype, sizeOf(v.shape))
      data.set(variableAttrs(v).first(v.shape, seed, v.name, v.dtype))
      return data
    })
    this.variables.forEach((v, i) => this.views.get(v)!.set(values[i]!))
  }

  /** A live view of a variable's memory, good until another specialisation is compiled. */
  view(variable: Variable): Data {
    return this.views.get(variable)!
  }

  get(key: string | Variable): Value {
    const variable = this.find(key)
    const view = this.view(variable)
    if (variable.shape.length === 0) return view[0]!
    return Object.defineProperty(view.slice(), 'shape', { value: variable.shape }) as never
  }

  set(key: string | Variable, value: unknown): void {
    const variable = this.find(key)
    const checked = newData(variable.dtype, sizeOf(variable.shape))
    fillView(`variable "${variable.name}"`, value, checked, variable)
    this.view(variable).set(checked)
  }

  /** A variable by itself, by name, or by a suffix of path segments that fits one name only. */
  find(key: string | Variable): Variable {
    if (typeof key !== 'string') return this.own(key)
    const exact = this.byName.get(key)
    if (exact) return exact
    const fitting = this.variables.filter((v) => v.name.endsWith(`/${key}`))
    if (fitting.length === 1) return fitting[0]!
    if (fitting.length > 1)
      throw new FeedError(`state: "${key}" is ambiguous: ${fitting.map((v) => `"${v.name}"`).join(', ')}`)
    throw new FeedError(`state: no variable is called "${key}"; the program has ${this.list()}`)
  }

  private own(key: unknown): Variable {
    if (!isTensor(key) || !isVariable(key)) {
      const what = isWeight(key) ? 'a weight; give its variable, w.variable' : valueText(key)
      throw new FeedError(`state: takes a variable or the name of one, it is ${what}`)
    }
    if (this.has(key)) return key
    // The same weight, or layer, by another path.
    const isLike = (a: string, b: string): boolean => a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`)
    const like = this.variables.filter((v) => isLike(v.name, key.name)).map((v) => `"${v.name}"`)
    const hint = like.length > 0 ? `by name there is ${like.join(' and ')}` : `it has ${this.list()}`
    throw new FeedError(`state: the variable "${key.name}" is not part of this program; ${hint}`)
  }

  private list(): string {
    const names = this.variables.map((v) => `"${v.name}"`)
    return names.length > 12
      ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
      : names.join(', ') || 'none'
  }
}

/** Layers are not known on this floor. */
const isWeight = (x: unknown): boolean => typeof x === 'object' && x !== null && 'variableAt' in x

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to

function sectionOf(v: Variable): string {
  const { role } = variableAttrs(v)
  const kind = role.kind === 'slot' ? `slot ${role.slot}` : role.kind
  return `${kind} ${role.kind === 'scalar' ? '' : v.dtype}`
}

/** Variables in order of their sections, each section in order of appearance. */
function sections(variables: readonly Variable[]): Variable[] {
  const rank = { parameter: 0, untrained: 1, slot: 2, scalar: 3, data: 4 }
  const groups = new Map<string, Variable[]>()
  for (const v of variables) {
    const list = groups.get(sectionOf(v))
    if (list) list.push(v)
    else groups.set(sectionOf(v), [v])
  }
  return [...groups.values()]
    .sort((a, b) => rank[variableAttrs(a[0]!).role.kind] - rank[variableAttrs(b[0]!).role.kind])
    .flat()
}

function duplicate(a: Variable, b: Variable): GraphError {
  const where = (v: Variable): string => {
    const site = siteText(v.origin)
    return `${showType(v)}${site ? ` at ${site}` : ''}`
  }
  return new GraphError(
    `variable: two variables are called "${a.name}": ${where(b)} and ${where(a)}; names must be unique in a program`,
  )
}
