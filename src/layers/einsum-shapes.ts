import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'

/** The letters of an equation and where other axes lie. */
export interface EinsumTerms {
  readonly input: string
  readonly kernel: string
  readonly output: string
  readonly dots: 'none' | 'before' | 'behind'
}

const FORMS: readonly (readonly [dots: EinsumTerms['dots'], form: RegExp])[] = [
  ['none', /^([a-z]+),([a-z]+)->([a-z]+)$/i],
  ['before', /^\.\.\.([a-z]+),([a-z]+)->\.\.\.([a-z]+)$/i],
  ['behind', /^([a-z]{2,})\.\.\.,([a-z]+)->([a-z]+)\.\.\.$/i],
]

/** Takes an equation of `einsumDense` apart. Throws for one of another form, and for axes whose extent nothing says. */
export function parseEinsumDense(equation: string, where: string): EinsumTerms {
  for (const [dots, form] of FORMS) {
    const found = form.exec(equation.replaceAll(/\s/g, ''))
    if (!found) continue
    const [input, kernel, output] = found.slice(1) as [string, string, string]
    for (const axis of output)
      if (!input.includes(axis) && !kernel.includes(axis))
        throw new GraphError(`${where}: equation ${equation}: axis "${axis}" of the result is in no operand`)
    for (const axis of kernel)
      if (!input.includes(axis) && !output.includes(axis))
        throw new GraphError(
          `${where}: equation ${equation}: axis "${axis}" is in the kernel only, so nothing says its extent`,
        )
    return { input, kernel, output, dots }
  }
  throw new GraphError(
    `${where}: equation must be like ab,bc->ac, ...b,bc->...c or ab...,bc->ac..., it is ${JSON.stringify(equation)}`,
  )
}

interface EinsumShape {
  readonly equation: string
  readonly outputShape: number | readonly (number | null)[]
  readonly biasAxes: string | undefined
}

/** Shapes of the kernel and the bias over x, and which axes of the kernel the result has not. */
export function weightShapes({ equation, outputShape, biasAxes }: EinsumShape, x: Tensor) {
  const { input, kernel, output, dots } = parseEinsumDense(equation, 'EinsumDense')
  const fail = (why: string): GraphError =>
    new GraphError(`EinsumDense: ${why}, for equation ${equation} and ${describe(x)}`)
  const others = x.shape.length - input.length
  // Axes that dots stand for lie before those named; without dots the first axis named is the batch.
  if (dots === 'none' ? others !== 0 : others < (dots === 'before' ? 1 : 0))
    throw fail(`${x.shape.length} axes do not fit the ${input.length} that are named`)
  const extents = new Map<string, number>()
  const settle = (axis: string, extent: number | null): void => {
    const known = extents.get(axis)
    if (known !== undefined && extent !== null && known !== extent)
      throw fail(`axis "${axis}" is ${known} in one place and ${extent} in another`)
    if (extent !== null) extents.set(axis, extent)
  }
  const first = dots === 'before' ? others : 0
  ;[...input].forEach((axis, i) => settle(axis, x.shape[first + i]!))
  const given = typeof outputShape === 'number' ? [outputShape] : outputShape
  const named = dots === 'before' ? [...output] : [...output].slice(1)
  if (named.length !== given.length)
    throw fail(
      `outputShape must have ${named.length} extents, for ${named.join(', ') || 'no axes'}; it has ${given.length}`,
    )
  named.forEach((axis, i) => settle(axis, given[i]!))
  const extentOf = (axis: string): number => {
    const extent = extents.get(axis)
    if (extent === undefined) throw fail(`outputShape must say the extent of axis "${axis}"`)
    return extent
  }
  const behind = dots === 'behind' ? Array.from({ length: others }, () => 1) : []
  const from = biasAxes ? Math.min(...[...biasAxes].map((axis) => output.indexOf(axis))) : 0
  return {
    kernel: [...kernel].map(extentOf),
    inward: [...kernel].map((axis) => !output.includes(axis)),
    bias: biasAxes
      ? [...[...output].slice(from).map((axis) => (biasAxes.includes(axis) ? extentOf(axis) : 1)), ...behind]
      : undefined,
  }
}
