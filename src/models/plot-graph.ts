import { showOpen } from '../layers/symbolic'
import type { AnyModel } from './model'
import { outline, type OutlineRow, type OutlineSource } from './outline'
import { counted, sizeOf } from './summary'

/** A box of a picture: a layer or an input, or a frame around those of a model. */
export interface PlotNode {
  readonly id: string
  readonly kind: 'input' | 'layer' | 'model' | 'frame'
  /** From the top; of a frame only its title. */
  readonly lines: readonly string[]
  /** The frame it stands in. */
  readonly parent?: string
}
export interface PlotEdge {
  readonly from: string
  readonly to: string
  /** Which result it carries, where there are several. */
  readonly label: string
}
export interface PlotGraph {
  readonly nodes: readonly PlotNode[]
  readonly edges: readonly PlotEdge[]
}

type Inner = NonNullable<OutlineRow['inner']>

/** What a picture of a model shows; with `expandNested` models inside are frames with their layers. */
export function plotGraph(model: AnyModel, expandNested: boolean): PlotGraph {
  const nodes: PlotNode[] = []
  const edges: PlotEdge[] = []
  const isFrame = (row: OutlineRow): row is OutlineRow & { readonly inner: Inner } =>
    expandNested && row.inner !== undefined
  /** The box that a result really comes from: of a frame the layer inside. */
  const origin = ({ rows }: Inner, source: OutlineSource): { id: string; source: OutlineSource } => {
    const row = rows.find((r) => r.name === source.name)!
    return isFrame(row) ? origin(row.inner, row.inner.results[source.index]!) : { id: row.path, source }
  }
  const show = (whole: Inner, parent: string | undefined): void => {
    for (const row of whole.rows) {
      const place = { id: row.path, ...(parent === undefined ? {} : { parent }) }
      if (isFrame(row)) {
        nodes.push({ ...place, kind: 'frame', lines: [`${row.name} (${row.className})`] })
        show(row.inner, row.path)
      } else nodes.push({ ...place, kind: kindOf(row), lines: linesOf(row) })
      const inputs = isFrame(row) ? entriesOf(row.inner) : [row.path]
      row.sources.forEach((s, i) => {
        const { id, source } = origin(whole, s)
        edges.push({ from: id, to: inputs[i % inputs.length]!, label: source.isOne ? '' : `[${source.index}]` })
      })
    }
  }
  show(outline(model), undefined)
  return { nodes, edges }
}

const entriesOf = ({ rows }: Inner): string[] => rows.filter((r) => r.layer === undefined).map((r) => r.path)

const kindOf = ({ layer, inner }: OutlineRow): PlotNode['kind'] => (!layer ? 'input' : inner ? 'model' : 'layer')

function linesOf({ name, className, layer, outputs }: OutlineRow): string[] {
  const weights = layer ? sizeOf(layer.weights) : 0
  return [name, weights === 0 ? className : `${className}, ${counted(weights)} weights`, ...outputs.map(showOpen)]
}
