import { fill } from '../api/leaf'
import { GraphError } from '../ir/errors'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { isFloat, sameShape, showShape } from '../ir/type'
import { type AnyLayer, type Call, type Cell, type CellRule, defineLayer, type Layer, type LayerInput, type LayerRule } from './layer' // prettier-ignore
import type { Options, Parsed } from './option'
import { title } from './title'

/** A factory of layers that give a list. */
export interface ManyFactory<T extends Options> {
  (...options: object extends LayerInput<T> ? [options?: LayerInput<T>] : [options: LayerInput<T>]): Layer<true>
  readonly rule: LayerRule<T>
}

/**
 * A factory of cells: layers that are one step of a recurrent one. Called on [batch, ...] they give a list of the output and
 * the state behind it; the state before it is `initialState`, zeros by default.
 */
export function defineCell<const T extends Options>(
  rule: Omit<LayerRule<T>, 'call' | 'mask' | 'arity' | 'cell'> & { readonly cell: CellRule<Parsed<T>> },
): ManyFactory<T> {
  const whole: LayerRule<T> = {
    ...rule,
    call([x], options, at) {
      const cell = rule.cell(x!, options, at)
      const { output, state } = cell.step(x!, firstStates(rule.className, cell, x!, at.options.initialState))
      return [output, ...state]
    },
  }
  return defineLayer<T>(whole) as never
}

/** Throws for a layer that is no cell. */
export function checkCell(layer: AnyLayer, where: string): void {
  if (!layer.state.rule.cell)
    throw new GraphError(`${where} must be a cell, such as lstmCell({ units: 4 }); it is ${title(layer)}`)
}

/** The steps of a cell that is part of a layer, over inputs like x; its weights appear under `name`. */
export function stepsOf(part: AnyLayer, x: Tensor, at: Call, name = part.name): Cell {
  const { rule, options } = part.state
  return rule.cell!(x, options as never, at.within(part, x, name))
}

/** The state that a cell begins with: what was given, or zeros. */
export function firstStates(
  where: string,
  { shapes }: Cell,
  x: Tensor,
  given: readonly Tensor[] | undefined,
): readonly Tensor[] {
  const dtype = isFloat(x.dtype) ? x.dtype : 'float32'
  if (given === undefined) return shapes.map((shape) => fill([...shape], 0, { dtype }))
  const want = shapes.map((shape) => `${dtype}${showShape(shape)}`).join(', ')
  if (!Array.isArray(given) || given.length !== shapes.length)
    throw new GraphError(`${where}: initialState must be a list of ${shapes.length}: ${want}`)
  given.forEach((state: unknown, i) => {
    if (isTensor(state) && state.dtype === dtype && sameShape(state.shape, shapes[i]!)) return
    throw new GraphError(
      `${where}: initialState must be ${want}; at ${i} it is ${isTensor(state) ? describe(state) : typeof state}`,
    )
  })
  return given
}
