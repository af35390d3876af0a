import { FormatError } from '../../formats/error'
import type { StoredTensor } from '../../formats/stored-tensor'
import type { AttributeProto, GraphProto, NodeProto } from '../proto/messages'
import { denseOf } from '../sparse'
import { narrowed, storedOf } from '../tensor'
import { UnsupportedError } from '../unsupported'

/** The numbers of `AttributeProto.AttributeType`. */
export const ATTRIBUTE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  sparse: 11,
} as const
type AttributeKind = keyof typeof ATTRIBUTE

/** The attributes of a node, each read by the op that knows what it is; what nobody has read is an error at the end. */
export class Attributes {
  private readonly all = new Map<string, AttributeProto>()
  private readonly read = new Set<string>()

  constructor(
    private readonly node: NodeProto,
    private readonly title: string,
  ) {
    for (const attribute of node.attribute ?? []) {
      const name = attribute.name ?? ''
      if (this.all.has(name)) this.fail(name, 'stands twice')
      this.all.set(name, attribute)
    }
  }

  has(name: string): boolean {
    return this.all.has(name)
  }

  int(name: string): number | undefined
  int(name: string, otherwise: number): number
  int(name: string, otherwise?: number): number | undefined {
    const found = this.take(name, 'int')
    if (!found) return otherwise
    const value = found.i ?? 0
    return Number.isSafeInteger(value) ? value : this.fail(name, `is ${value}`)
  }

  /** An int that says yes or no. */
  flag(name: string, otherwise = false): boolean {
    const value = this.int(name, otherwise ? 1 : 0)
    return value === 0 || value === 1 ? value === 1 : this.fail(name, `is ${value}, neither 0 nor 1`)
  }

  float(name: string): number | undefined
  float(name: string, otherwise: number): number
  float(name: string, otherwise?: number): number | undefined {
    const found = this.take(name, 'float')
    return found ? (found.f ?? 0) : otherwise
  }

  text(name: string): string | undefined
  text(name: string, otherwise: string): string
  text(name: string, otherwise?: string): string | undefined {
    const found = this.take(name, 'string')
    return found ? new TextDecoder().decode(found.s) : otherwise
  }

  /** Numbers as int32 holds them: one beyond 2 ** 53 stands for what is beyond every axis. */
  ints(name: string): readonly number[] | undefined {
    const found = this.take(name, 'ints')
    if (!found) return undefined
    return (found.ints ?? []).map((value) => narrowed(value, (what) => this.fail(name, what)))
  }

  floats(name: string): readonly number[] | undefined {
    const found = this.take(name, 'floats')
    return found && (found.floats ?? [])
  }

  texts(name: string): readonly string[] | undefined {
    const found = this.take(name, 'strings')
    return found && (found.strings ?? []).map((s) => new TextDecoder().decode(s))
  }

  sparse(name: string): StoredTensor | undefined {
    const found = this.take(name, 'sparse')
    if (!found) return undefined
    return found.sparseTensor ? denseOf(found.sparseTensor) : this.fail(name, 'has no sparse tensor')
  }

  tensor(name: string): StoredTensor | undefined {
    const found = this.take(name, 'tensor')
    if (!found) return undefined
    return found.t ? storedOf(found.t) : this.fail(name, 'has no tensor')
  }

  graph(name: string): GraphProto {
    return this.take(name, 'graph')?.g ?? this.fail(name, 'has no graph')
  }

  /** Of no effect on what is computed here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.read.add(name)
  }

  /** Fails for an attribute that nobody has read: it might change what is computed. */
  requireAllRead(): void {
    for (const name of this.all.keys())
      if (!this.read.has(name))
        throw new UnsupportedError(this.node.opType ?? '', `${this.title}: the attribute "${name}" is not known here`)
  }

  private take(name: string, kind: AttributeKind): AttributeProto | undefined {
    this.read.add(name)
    const found = this.all.get(name)
    if (!found) return undefined
    if (found.refAttrName) this.fail(name, `refers to "${found.refAttrName}" outside a function`)
    // Files of the first versions leave the type out.
    if (found.type !== undefined && found.type !== ATTRIBUTE[kind])
      this.fail(name, `has the type ${found.type}, not ${kind}`)
    return found
  }

  private fail(name: string, what: string): never {
    throw new FormatError('onnx', `${this.title}: the attribute ${JSON.stringify(name.slice(0, 80))} ${what}`, name)
  }
}
