import { Namer } from '../../codegen/names'
import { siteText } from '../../ir/origin'
import type { Tensor } from '../../ir/tensor'
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfo } from '../proto/messages'
import { tensorProto } from '../tensor'
import { codeOf, elementOf, graph, type Value } from './value'
import type { Draft, GraphDraft, Stored } from './writer'

/** Text as it is in a file: half a pair of surrogates is no character. */
const wellFormed = (wish: string): string => new TextDecoder().decode(new TextEncoder().encode(wish))

/** Hands out names that are unique in a file, also among graphs inside nodes. */
export class FileNames {
  private readonly namer = new Namer([], (wish) => (wish === '' ? 'unnamed' : wellFormed(wish)))
  private readonly names = new Map<Value, string>()

  /** A name as it was wished for, or with a number behind it. */
  unique(wish: string): string {
    return this.namer.unique(wish)
  }

  name(value: Value, wish: string): string {
    const known = this.names.get(value)
    if (known !== undefined) return known
    const made = this.unique(wish)
    this.names.set(value, made)
    return made
  }

  of(value: Value): string {
    return this.name(value, value.type)
  }
}

/** What values are called that have no name of their own: after the tensor they are computed for. */
export interface Wishes {
  readonly nameOf: (t: Tensor) => string
  /** The value that a tensor has in the end. */
  readonly valueOf: (t: Tensor) => Value | undefined
}

export class Assembler {
  constructor(
    private readonly names: FileNames,
    private readonly wishes: Wishes,
  ) {}

  graph(name: string, draft: GraphDraft, stored: readonly Stored[] = []): GraphProto {
    const input = draft.inputs.map((x) => this.info(x))
    const initializer = stored.map((one) => this.initializer(one))
    return {
      name,
      node: draft.nodes.map((node) => this.node(node)),
      initializer,
      input,
      output: draft.outputs.map((x) => this.info(x)),
    }
  }

  info(value: Value): ValueInfo {
    const dim = value.shape.map((dimValue) => ({ dimValue }))
    return { name: this.names.of(value), type: { tensorType: { elemType: codeOf(value.type), shape: { dim } } } }
  }

  private initializer({ value, data, of }: Stored): TensorProto {
    const name = this.names.name(value, of ? this.wishes.nameOf(of) : 'constant')
    return tensorProto(name, data, elementOf(value.type))
  }

  private node({ type, inputs, outputs, attributes, graphs, of }: Draft): NodeProto {
    const stem = of ? this.wishes.nameOf(of) : type
    const isResult = of !== undefined && outputs.includes(this.wishes.valueOf(of) as Value)
    const plain = Object.entries(attributes).map(([name, attribute]): AttributeProto => ({ name, ...attribute }))
    const nested = Object.entries(graphs).map(([name, inner]): AttributeProto => ({
      name,
      ...graph(this.graph(`${stem}/${name}`, inner)),
    }))
    const output = outputs.map((x) => this.names.name(x, isResult ? stem : `${stem}/${type}`))
    const site = of && siteText(of.origin)
    return {
      opType: type,
      name: output[0] ?? type,
      input: inputs.map((x) => (x ? this.names.of(x) : '')),
      output,
      attribute: [...plain, ...nested],
      ...(site ? { docString: site } : {}),
    }
  }
}
